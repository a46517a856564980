import type { DataType, KernelBackend } from '@tensorflow/tfjs-core';
import { util } from '@tensorflow/tfjs-core';
import { Ledger, type MemoryMeter } from './memoryMeter';

interface WritingBackend extends Pick<KernelBackend, 'disposeData'> {
  write(values: unknown, shape: number[], dtype: DataType): object;
  move(dataId: object, values: unknown, shape: number[], dtype: DataType, references: number): void;
}

/** Meters a backend whose tensors live in JavaScript: the bytes of each tensor's data, once. */
export function meterTensors(backend: WritingBackend): MemoryMeter {
  const ledger = new Ledger<object>();
  const write = backend.write.bind(backend);
  const move = backend.move.bind(backend);
  const disposeData = backend.disposeData.bind(backend);
  const size = (shape: number[], dtype: DataType) =>
    dtype === 'string' ? 0 : util.sizeFromShape(shape) * util.bytesPerElement(dtype);

  backend.write = (values, shape, dtype) => {
    ledger.require(size(shape, dtype));
    const dataId = write(values, shape, dtype);
    ledger.allocated(dataId, size(shape, dtype));
    return dataId;
  };
  backend.move = (dataId, values, shape, dtype, references) => {
    ledger.require(size(shape, dtype));
    move(dataId, values, shape, dtype, references);
    ledger.allocated(dataId, size(shape, dtype));
  };
  backend.disposeData = (dataId, force) => {
    const released = disposeData(dataId, force);
    if (released) ledger.freed(dataId);
    return released;
  };
  return ledger;
}
