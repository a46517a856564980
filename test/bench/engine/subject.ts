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
  readonly loss: number;
}

/** Trains one epoch. */
export type Train = () => Promise<Pick<Round, 'peakBytes' | 'loss'>>;

export async function timeRound(samples: number, train: Train): Promise<Round> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  const { peakBytes, loss } = await train();
  const wallMs = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  return { samples, wallMs, cpuMs: (user + system) / 1000, peakBytes, loss };
}
