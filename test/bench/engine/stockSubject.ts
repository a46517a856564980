import * as tf from '@tensorflow/tfjs-core';
import { BackendWasm, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { nativeRuntimeFolder } from '../../../src/config/nativeRuntime';
import { loadNative } from '../../../src/trainer/backends/loadNative';
import { findNativePackages } from '../../../src/trainer/backends/nativePackage';
import type { MemoryMeter } from '../../../src/trainer/memory/memoryMeter';
import type { NativeBackend } from '../../../src/trainer/memory/nativeBackend';
import { meterNative } from '../../../src/trainer/memory/nativeMeter';
import { meterWasm, watchHeap, type WasmModule } from '../../../src/trainer/memory/wasmMeter';
import { backendNamed, wasmFolder } from './backends';
import { registerMissingKernels } from './missingKernels';
import type { Subject, SubjectRequest } from './subject';
import { learningRate, samplesOf, workloads, type WorkloadName } from './workloads';

/** tfjs-node draws a progress bar otherwise, which takes time that is not training's. */
const silent = { verbose: 0 };

/** What a user of TensorFlow.js has: `model.fit` with its defaults, nothing of ours in its way. */
export async function stockSubject(request: SubjectRequest): Promise<Subject> {
  const { batchSize } = request;
  const meter = await loadStock(request.backend);
  const { sampleShape, build } = workloads[request.workload as WorkloadName];
  const { count, features, labels } = samplesOf(sampleShape, request.samples);
  const x = tf.tensor(features, [count, ...sampleShape]);
  const y = tf.tensor(labels, [count, 1]);
  const model = build();
  model.compile({
    optimizer: tf.train.adam(learningRate),
    loss: 'sparseCategoricalCrossentropy',
  });
  const train = async () => {
    meter.resetPeak();
    const { history } = await model.fit(x, y, { batchSize, epochs: 1, ...silent });
    return { peakBytes: meter.peakBytes(), loss: Number(history['loss']?.[0]) };
  };
  return { train, device: null };
}

async function loadStock(name: string): Promise<MemoryMeter> {
  if (name === 'tensorflow') return loadStockNative();
  if (name !== 'wasm') {
    const loaded = await backendNamed(name).load();
    if (!loaded.ok) throw new Error(loaded.problem.reason);
    return loaded.value.meter;
  }
  setWasmPaths(`${wasmFolder}/`);
  const { heap } = await watchHeap(() => tf.setBackend('wasm'));
  const backend = tf.backend();
  if (!(backend instanceof BackendWasm)) throw new Error('The WASM backend does not start.');
  registerMissingKernels();
  return meterWasm(backend.wasm as unknown as WasmModule, heap);
}

/** The package as it is: `backends/tensorflow.ts` would give it kernels of ours. */
async function loadStockNative(): Promise<MemoryMeter> {
  const found = findNativePackages(null, nativeRuntimeFolder()).find(({ ok }) => ok);
  if (!found?.ok) throw new Error('There is no libtensorflow.');
  loadNative(found.value);
  if (!(await tf.setBackend('tensorflow'))) throw new Error('libtensorflow does not start.');
  return meterNative(tf.backend() as unknown as NativeBackend);
}
