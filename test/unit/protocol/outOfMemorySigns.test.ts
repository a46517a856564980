import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  endsOutOfMemory,
  outOfMemorySigns,
  saysOutOfMemory,
} from '../../../src/protocol/outOfMemorySigns';

describe('the signs of running out of memory', () => {
  const seen = outOfMemorySigns.flatMap((sign) => (sign.seen === null ? [] : [sign.seen]));

  it.each(seen)('was seen in %s', (evidence) => {
    const [file = '', ...name] = evidence.split(': ');
    expect(existsSync(file), file).toBe(true);
    expect(readFileSync(file, 'utf8')).toContain(name.join(': '));
  });

  it.each([
    'GPUOutOfMemoryError: Buffer memory allocation failed',
    'VkAllocateMemory failed with VK_ERROR_OUT_OF_DEVICE_MEMORY',
    'Invalid typed array length: 4294967296',
    'OOM when allocating tensor with shape[4096,4096]',
    "terminate called after throwing an instance of 'std::bad_alloc'",
  ])('are in %j', (words) => {
    expect(saysOutOfMemory(words)).toBe(true);
  });

  it.each([
    '',
    'GPUValidationError: Buffer size exceeds the max buffer size limit',
    'The GPU device was lost (device was destroyed).',
    'ENOENT: no such file or directory',
  ])('are not in %j', (words) => {
    expect(saysOutOfMemory(words)).toBe(false);
  });

  it('are ends of a process too', () => {
    expect(endsOutOfMemory(null, 'SIGABRT')).toBe(true);
    expect(endsOutOfMemory(137, null)).toBe(true);
    expect(endsOutOfMemory(1, null)).toBe(false);
    expect(endsOutOfMemory(null, 'SIGTERM')).toBe(false);
    expect(endsOutOfMemory(null, null)).toBe(false);
  });
});
