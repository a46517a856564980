// Loaded after <script src="tf.min.js">. batchwise: samples=5500
async function trainModel(model, inputs, labels) {
  model.compile({
    optimizer: tf.train.adam(),
    loss: tf.losses.meanSquaredError,
    metrics: ['mse'],
  });
  const batchSize = 28;
  const epochs = 50;
  return await model.fit(inputs, labels, {
    batchSize,
    epochs,
    shuffle: true,
    callbacks: tfvis.show.fitCallbacks({ name: 'Training' }, ['loss', 'mse'], { height: 200 }),
  });
}
