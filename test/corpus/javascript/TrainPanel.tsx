import React, { useState } from 'react';
import * as tf from '@tensorflow/tfjs';
import { buildModel, loadData } from './model';

export function TrainPanel(): JSX.Element {
  const [batchSize, setBatchSize] = useState<number>(32);
  const [epochs, setEpochs] = useState(10);
  const onTrain = async () => {
    const { xs, ys } = await loadData();
    const model = buildModel();
    model.compile({ optimizer: tf.train.adam(), loss: 'categoricalCrossentropy' });
    await model.fit(xs, ys, { batchSize, epochs });
  };
  return (
    <section>
      <input type="number" value={batchSize} onChange={(e) => setBatchSize(Number(e.target.value))} />
      <input type="number" value={epochs} onChange={(e) => setEpochs(Number(e.target.value))} />
      <button onClick={onTrain}>Train</button>
    </section>
  );
}
