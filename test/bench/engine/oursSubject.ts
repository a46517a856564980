import '../../../src/trainer/tfjs/tf';
import { render } from '../../../src/core/text/problem';
import { outputObjective } from '../../../src/trainer/model/objective';
import { objectiveOf } from '../../../src/trainer/model/objectives';
import { createOptimizer } from '../../../src/trainer/model/optimizer';
import { putOnDevice } from '../../../src/trainer/training/deviceData';
import { Trial } from '../../../src/trainer/training/trial';
import { TrialMemory } from '../../../src/trainer/training/trialMemory';
import { backendNamed } from './backends';
import type { Subject, SubjectRequest } from './subject';
import { learningRate, samplesOf, workloads, type WorkloadName } from './workloads';

/** The trainer's own step loop, on a backend of its own. */
export async function oursSubject(request: SubjectRequest): Promise<Subject> {
  const { batchSize, samples } = request;
  const loaded = await backendNamed(request.backend).load();
  if (!loaded.ok)
    throw new Error(render({ id: loaded.problem.reason, values: loaded.problem.values }));
  const { info, meter } = loaded.value;
  const { sampleShape, build } = workloads[request.workload as WorkloadName];
  const before = meter.liveBytes();
  const none = { count: 0, features: new Float32Array(0), labels: new Float32Array(0) };
  const data = putOnDevice({
    sampleShape,
    labelShape: [],
    train: samplesOf(sampleShape, samples),
    validation: none,
    classes: null,
    contentHash: '',
  });
  const memory = new TrialMemory(meter, meter.liveBytes() - before, null);
  const { value: trainable } = await memory.during(() =>
    Promise.resolve({
      model: build(),
      optimizer: createOptimizer({ name: 'adam' }, learningRate),
      ...objectiveOf(outputObjective('sparseCategoricalCrossentropy')),
    }),
  );
  const settings = { batchSize, learningRate, seed: 1, gradientAccumulation: 1, schedule: null };
  const trial = new Trial(trainable, data, settings, meter, memory);
  const iterations = Math.ceil(samples / batchSize);
  const train = async () => {
    const advanced = await trial.advance(iterations, 600, { interrupted: () => false });
    if (advanced.status !== 'ok') throw new Error(advanced.detail ?? advanced.status);
    return { peakBytes: advanced.peakBytes, loss: advanced.trainLoss ?? NaN };
  };
  return { train, device: { device: info.device, software: info.software } };
}
