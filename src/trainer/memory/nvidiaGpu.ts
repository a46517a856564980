import { execFileSync } from 'node:child_process';

interface NvidiaGpu {
  readonly name: string;
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/** The first NVIDIA GPU, as nvidia-smi lists them; null without one. */
export function nvidiaGpu(): NvidiaGpu | null {
  return nvidiaGpus()[0] ?? null;
}

/** The NVIDIA GPUs of this machine, in the order of nvidia-smi. */
export function nvidiaGpus(): NvidiaGpu[] {
  try {
    const query = ['--query-gpu=name,memory.free,memory.total', '--format=csv,noheader,nounits'];
    const answer = execFileSync('nvidia-smi', query, {
      encoding: 'utf8',
      timeout: 5000,
      stdio: ['ignore', 'pipe', 'ignore'],
      windowsHide: true,
    });
    return parseNvidiaGpus(answer);
  } catch {
    return [];
  }
}

/** Reads lines such as `NVIDIA H100 80GB HBM3, 81078, 81559` (MiB). */
export function parseNvidiaGpus(answer: string): NvidiaGpu[] {
  return [...answer.matchAll(/^(.+),\s*(\d+),\s*(\d+)\s*$/gm)].map(
    ([, name = '', free, total]) => ({
      name: name.trim(),
      freeBytes: Number(free) * 2 ** 20,
      totalBytes: Number(total) * 2 ** 20,
    }),
  );
}
