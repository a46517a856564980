import { execFileSync } from 'node:child_process';

export interface NvidiaGpu {
  readonly name: string;
  readonly freeBytes: number;
}

/** The first NVIDIA GPU as its driver's own tool tells; null without one. */
export function nvidiaGpu(): NvidiaGpu | null {
  try {
    const query = ['--query-gpu=name,memory.free', '--format=csv,noheader,nounits', '--id=0'];
    const answer = execFileSync('nvidia-smi', query, {
      encoding: 'utf8',
      timeout: 5000,
      stdio: ['ignore', 'pipe', 'ignore'],
      windowsHide: true,
    });
    const found = /^(.+),\s*(\d+)\s*$/m.exec(answer);
    return found ? { name: found[1] ?? '', freeBytes: Number(found[2]) * 2 ** 20 } : null;
  } catch {
    return null;
  }
}
