import { parseBytes } from '../config/units';
import type { Config } from '../config/schema';
import type { Device } from './backends/backend';
import { availableProcessBytes } from './memory/processMemory';
import type { LoadInput } from './loaded';

/** Memory that a data set may take, with the model that trains on it. */
export interface DataRoom {
  /** Device bytes; null where it is not known. */
  readonly limitBytes: number | null;
  /** How many times the data set's bytes are in this process's memory while it goes to the device. */
  readonly copiesInProcess: number;
  readonly processBytes: number;
}

/** What the config's limit, the device and the process leave for data and model. */
export function dataRoom(device: Device, { config, memoryMargin }: LoadInput): DataRoom {
  const limits = [limitOf(config), device.availableBytes(memoryMargin)];
  const known = limits.filter((limit) => limit !== null);
  return {
    limitBytes: known.length === 0 ? null : Math.min(...known),
    // Backends that compute in host memory copy what they are given; the plain one keeps it.
    copiesInProcess: device.info.name === 'wasm' || device.info.name === 'tensorflow' ? 2 : 1,
    processBytes: availableProcessBytes(memoryMargin),
  };
}

export function hasRoom(room: DataRoom, dataBytes: number, trainingBytes: number): boolean {
  const { limitBytes, copiesInProcess, processBytes } = room;
  const onDevice = limitBytes === null || dataBytes + trainingBytes <= limitBytes;
  return onDevice && copiesInProcess * dataBytes <= processBytes;
}

/** Data up to this share of the room is read into memory at once: reading may need it thrice. */
const shareAtOnce = 1 / 3;

/** Whether data of at most so many bytes may be read into memory to see whether it fits. */
export function mayBeHeld(room: DataRoom, mostBytes: number): boolean {
  const { limitBytes, processBytes } = room;
  return mostBytes <= shareAtOnce * Math.min(limitBytes ?? Infinity, processBytes);
}

function limitOf({ tuning }: Config): number | null {
  return tuning.memoryLimit === undefined ? null : parseBytes(tuning.memoryLimit);
}
