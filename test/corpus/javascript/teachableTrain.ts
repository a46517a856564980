import * as tmImage from '@teachablemachine/image';

export async function run(examples: HTMLImageElement[][]) {
  const model = await tmImage.createTeachable({ tfjsVersion: '1.3.1' });
  model.setLabels(['cat', 'dog']);
  for (const [label, images] of examples.entries()) for (const image of images) await model.addExample(label, image);
  await model.train({ denseUnits: 100, epochs: 50, learningRate: 0.001, batchSize: 16 }, {});
}
