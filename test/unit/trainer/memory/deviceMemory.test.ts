import { describe, expect, it } from 'vitest';
import { parseMemoryMargin, withoutMargin } from '../../../../src/config/memoryMargin';
import { cgroupMemory } from '../../../../src/trainer/memory/cgroupMemory';
import { parseNvidiaGpus } from '../../../../src/trainer/memory/nvidiaGpu';
import { availableProcessBytes, processMemory } from '../../../../src/trainer/memory/processMemory';

const files = (content: Record<string, string>) => (file: string) => content[file] ?? null;

describe('the memory of a cgroup', () => {
  it('is the tightest of its own limit and those above, file caches counted as free (v2)', () => {
    const read = files({
      '/proc/self/cgroup': '0::/work.slice/job\n',
      '/sys/fs/cgroup/work.slice/job/memory.max': 'max\n',
      '/sys/fs/cgroup/work.slice/memory.max': '2000000000\n',
      '/sys/fs/cgroup/work.slice/memory.current': '900000000\n',
      '/sys/fs/cgroup/work.slice/memory.stat': 'anon 1\ninactive_file 400000000\n',
      '/sys/fs/cgroup/memory.max': '3000000000\n',
      '/sys/fs/cgroup/memory.current': '2900000000\n',
    });
    expect(cgroupMemory(read)).toEqual({ totalBytes: 2e9, freeBytes: 1e8 });
  });

  it('is read in a container, where the path of the host does not exist (v2)', () => {
    const read = files({
      '/proc/self/cgroup': '0::/../../docker/0123\n',
      '/sys/fs/cgroup/memory.max': '1000000000',
      '/sys/fs/cgroup/memory.current': '1200000000',
    });
    expect(cgroupMemory(read)).toEqual({ totalBytes: 1e9, freeBytes: 0 });
  });

  it('is read where memory has a hierarchy of its own (v1)', () => {
    const read = files({
      '/proc/self/cgroup': '11:cpu,cpuacct:/a\n9:memory:/a\n0::/b\n',
      '/sys/fs/cgroup/memory/a/memory.limit_in_bytes': '500000000\n',
      '/sys/fs/cgroup/memory/a/memory.usage_in_bytes': '200000000\n',
      '/sys/fs/cgroup/memory/a/memory.stat': 'inactive_file 5\ntotal_inactive_file 50000000\n',
      '/sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
    });
    expect(cgroupMemory(read)).toEqual({ totalBytes: 5e8, freeBytes: 3.5e8 });
  });

  it('is none outside Linux and without a limit', () => {
    expect(cgroupMemory(() => null)).toBeNull();
    expect(cgroupMemory(files({ '/proc/self/cgroup': '0::/\n' }))).toBeNull();
  });
});

it('the memory of this process is within that of the machine', () => {
  const { totalBytes, freeBytes } = processMemory();
  expect(freeBytes).toBeGreaterThan(0);
  expect(totalBytes).toBeGreaterThanOrEqual(freeBytes);
  const whole = availableProcessBytes({ bytes: 0 });
  expect(availableProcessBytes({ fraction: 0.5 })).toBeLessThan(whole);
  expect(availableProcessBytes()).toBeLessThan(whole);
});

describe('a memory margin', () => {
  it.each([
    ['20%', { fraction: 0.2 }],
    [' 12.5 % ', { fraction: 0.125 }],
    ['1 GB', { bytes: 1e9 }],
    ['512 MiB', { bytes: 2 ** 29 }],
    ['0', { bytes: 0 }],
    ['0%', { fraction: 0 }],
  ])('reads %j', (text, margin) => {
    expect(parseMemoryMargin(text)).toEqual(margin);
  });

  it.each(['', 'some', '96%', '-1 GB', '20 percent'])('refuses %j', (text) => {
    expect(parseMemoryMargin(text)).toBeNull();
  });

  it('leaves whole bytes, never less than none', () => {
    expect(withoutMargin(1001, { fraction: 0.5 })).toBe(500);
    expect(withoutMargin(100, { bytes: 200 })).toBe(0);
  });
});

it("reads the lines of NVIDIA's tool, also names with commas, and nothing from its errors", () => {
  const answer = 'NVIDIA A100, PCIe, 1000, 2000\nTesla T4, 10, 15360\n';
  expect(parseNvidiaGpus(answer)).toEqual([
    { name: 'NVIDIA A100, PCIe', freeBytes: 1000 * 2 ** 20, totalBytes: 2000 * 2 ** 20 },
    { name: 'Tesla T4', freeBytes: 10 * 2 ** 20, totalBytes: 15360 * 2 ** 20 },
  ]);
  expect(parseNvidiaGpus('No devices were found\nGPU, [N/A], [N/A]\n')).toEqual([]);
});
