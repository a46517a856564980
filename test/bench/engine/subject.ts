import { processPeakBytes } from '../../../src/trainer/memory/processMemory';

/** What one process of the bench measures: rounds of training on one workload at one batch size. */

export interface SubjectRequest {
  readonly workload: string;
  readonly batchSize: number;
  readonly samples: number;
  readonly backend: string;
}

export interface Round {
  readonly samples: number;
  readonly wallMs: number;
  readonly cpuMs: number;
  /** Most device bytes held at once, as the allocator sees them; null where nobody counts. */
  readonly peakBytes: number | null;
  /** Most bytes that the process had resident at once, its libraries included. */
  readonly processPeakBytes: number;
  readonly loss: number;
}

/** Trains one epoch. */
export type Train = () => Promise<Pick<Round, 'peakBytes' | 'loss'>>;

export interface Subject {
  readonly train: Train;
  /** What ours found; stock runs on the same. */
  readonly device: { readonly device: string; readonly software: boolean } | null;
}

export async function timeRound(samples: number, train: Train): Promise<Round> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  const { peakBytes, loss } = await train();
  const wallMs = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  const cpuMs = (user + system) / 1000;
  return { samples, wallMs, cpuMs, peakBytes, processPeakBytes: processPeakBytes(), loss };
}
