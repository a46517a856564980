import * as tf from '@tensorflow/tfjs';

export default function Classifier({ samples }) {
  const train = () => {
    const model = tf.sequential();
    model.add(tf.layers.conv2d({ inputShape: [28, 28, 1], kernelSize: 3, filters: 16, activation: 'relu' }));
    model.add(tf.layers.flatten());
    model.add(tf.layers.dense({ units: 10, activation: 'softmax' }));
    model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });
    return model.fit(samples.xs, samples.ys, { batchSize: 256, epochs: 4 });
  };
  return <button onClick={train}>Train</button>;
}
