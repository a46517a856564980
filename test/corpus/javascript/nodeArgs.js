const tf = require('@tensorflow/tfjs-node');
const argparse = require('argparse');

const data = require('./data');
const model = require('./model');

async function run(epochs, batchSize, modelSavePath) {
  await data.loadData();
  const { images: trainImages, labels: trainLabels } = data.getTrainData();
  await model.fit(trainImages, trainLabels, { epochs, batchSize, validationSplit: 0.15 });
  const { images: testImages, labels: testLabels } = data.getTestData();
  model.evaluate(testImages, testLabels);
  if (modelSavePath != null) await model.save(`file://${modelSavePath}`);
}

const parser = new argparse.ArgumentParser({ addHelp: true });
parser.addArgument('--epochs', { type: 'int', defaultValue: 20, help: 'Number of epochs.' });
parser.addArgument('--batch_size', { type: 'int', defaultValue: 128, help: 'Batch size.' });
parser.addArgument('--model_save_path', { type: 'string' });
const args = parser.parseArgs();

run(args.epochs, args.batch_size, args.model_save_path);
