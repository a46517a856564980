import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Device } from '../../../../src/trainer/backends/backend';
import { OutOfMemoryError } from '../../../../src/trainer/memory/memoryMeter';
import { processPeakBytes, resetProcessPeak } from '../../../../src/trainer/memory/processMemory';
import { loadCpu, loadWasm } from '../backends';

let devices: Record<string, Device>;

beforeAll(async () => {
  devices = { cpu: await loadCpu(), wasm: await loadWasm() };
});

describe.each(['cpu', 'wasm'])('the meter of %s', (name) => {
  it('counts each tensor once, aliases not again, until it is disposed of', () => {
    void tf.setBackend(name);
    const { meter } = devices[name] as Device;
    const before = meter.liveBytes();
    const x = tf.ones([1000]);
    expect(meter.liveBytes() - before).toBe(4000);
    const alias = tf.reshape(x, [10, 100]);
    expect(meter.liveBytes() - before).toBe(4000);
    x.dispose();
    expect(meter.liveBytes() - before).toBe(4000);
    alias.dispose();
    expect(meter.liveBytes()).toBe(before);
  });

  it('keeps the peak until it is reset', () => {
    void tf.setBackend(name);
    const { meter } = devices[name] as Device;
    const before = meter.liveBytes();
    meter.resetPeak();
    tf.tidy(() => tf.sum(tf.add(tf.ones([500]), tf.ones([500]))));
    expect(meter.liveBytes()).toBe(before + 4);
    expect(meter.peakBytes()).toBeGreaterThanOrEqual(before + 6000);
    meter.resetPeak();
    expect(meter.peakBytes()).toBe(before + 4);
  });

  it('refuses what exceeds its limit, and goes on when there is room', () => {
    void tf.setBackend(name);
    const { meter } = devices[name] as Device;
    meter.setLimit(meter.liveBytes() + 5000);
    const first = tf.ones([1000]);
    const live = meter.liveBytes();
    expect(() => tf.ones([1000])).toThrow(OutOfMemoryError);
    expect(meter.liveBytes()).toBe(live);
    expect(meter.exhausted()).toBe(false);
    first.dispose();
    tf.ones([1000]).dispose();
    meter.setLimit(null);
    tf.ones([10_000]).dispose();
  });
});

describe('the memory of the process', () => {
  it('has a peak that is at least what is resident, and grows with use', () => {
    resetProcessPeak();
    const before = processPeakBytes();
    expect(before).toBeGreaterThan(process.memoryUsage.rss() / 2);
    const block = new Float64Array(2 ** 23).fill(1);
    expect(processPeakBytes()).toBeGreaterThan(before + block.byteLength / 2);
  });
});
