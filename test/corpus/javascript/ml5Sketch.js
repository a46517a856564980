let brain;

function setup() {
  createCanvas(400, 400);
  brain = ml5.neuralNetwork({ inputs: 2, outputs: 3, task: 'classification', debug: true });
  brain.loadData('colors.json', ready);
}

function ready() {
  brain.normalizeData();
  brain.train({ epochs: 32, batchSize: 12 }, whileTraining, finished);
}

function whileTraining(epoch, loss) {
  console.log(epoch, loss);
}

function finished() {}
