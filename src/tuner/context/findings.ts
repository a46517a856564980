import type { Target, Timing } from '../../core/sweep/result';
import type { Text } from '../../core/text/problem';
import type { SweepEvent } from '../../core/sweep/sweepEvent';
import type { TimedBlock } from '../../planner/measure/stepTimeFit';

/** What an earlier, cut-off sweep had found. */
interface EarlierFindings {
  readonly noiseScale: number | null;
  readonly starts: ReadonlyMap<number, number>;
  readonly target: Target | null;
  readonly samplesTrained: number;
}

/** What the trials of a sweep have found out so far that holds for all of them. */
export class Findings {
  readonly #emit: (event: SweepEvent) => void;
  #noiseScale: number | null;
  readonly #starts: Map<number, number>;
  #target: Target | null;
  #samplesTrained: number;
  #evaluationPeakBytes: number | null = null;
  #evaluationSeconds = 0;
  #tooSlow: Text | null = null;
  readonly #timed = { ms: 0, knownMs: 0, waitingMs: 0, isByProcessor: false };

  constructor(earlier: EarlierFindings, emit: (event: SweepEvent) => void) {
    this.#emit = emit;
    this.#noiseScale = earlier.noiseScale;
    this.#starts = new Map(earlier.starts);
    this.#target = earlier.target;
    this.#samplesTrained = earlier.samplesTrained;
  }

  /** Gradient noise scale in samples; null until it is measured. */
  get noiseScale(): number | null {
    return this.#noiseScale;
  }

  /** Null until it is known. */
  get target(): Target | null {
    return this.#target;
  }

  get samplesTrained(): number {
    return this.#samplesTrained;
  }

  /** Device bytes of the smallest size with a validation pass; null until one was run. */
  get evaluationPeakBytes(): number | null {
    return this.#evaluationPeakBytes;
  }

  /** What the latest evaluation took: the same for every size. */
  get evaluationSeconds(): number {
    return this.#evaluationSeconds;
  }

  /** Why no sizes can be compared in the budget, so that they are only measured; null where they can. */
  get tooSlow(): Text | null {
    return this.#tooSlow;
  }

  /** The validation metric before training, which trials of one seed share; null until it is known. */
  startOf(seed: number): number | null {
    return this.#starts.get(seed) ?? null;
  }

  /** What a recommendation is to know of them. */
  evidence(seed: number) {
    return { target: this.#target, start: this.startOf(seed), tooSlow: this.#tooSlow };
  }

  /** Emits the target and the starts that are known. */
  emitKnown(): void {
    if (this.#target) this.#emit({ type: 'target', target: this.#target });
    for (const [seed, value] of this.#starts) this.#emit({ type: 'startEvaluated', seed, value });
  }

  foundTooSlow(why: Text): void {
    this.#tooSlow = why;
  }

  measuredNoiseScale(samples: number): void {
    this.#noiseScale = samples;
  }

  measuredStart(seed: number, value: number): void {
    this.#starts.set(seed, value);
    this.#emit({ type: 'startEvaluated', seed, value });
  }

  /** A target by which sizes cannot be compared is replaced by a pilot's. */
  dropTarget(): void {
    this.#target = null;
  }

  foundTarget(target: Target): void {
    this.#target = target;
    this.#emit({ type: 'target', target });
  }

  trainedSamples(count: number): void {
    this.#samplesTrained += count;
  }

  /** How steps were timed so far; null where none were. */
  get timing(): Timing | null {
    const { ms, knownMs, waitingMs, isByProcessor } = this.#timed;
    if (ms === 0) return null;
    return {
      clock: isByProcessor ? 'processor' : 'wall',
      waitingShare: knownMs === 0 ? null : waitingMs / knownMs,
    };
  }

  timedSteps(blocks: readonly TimedBlock[]): void {
    const timed = this.#timed;
    for (const { ms, cpuMs, waitingShare } of blocks) {
      timed.ms += ms;
      timed.isByProcessor ||= cpuMs !== undefined;
      if (waitingShare === undefined) continue;
      timed.knownMs += ms;
      timed.waitingMs += ms * waitingShare;
    }
  }

  timedEvaluation(seconds: number): void {
    this.#evaluationSeconds = seconds;
  }

  /** The first peak counts: later ones may be those of larger sizes. */
  meteredEvaluation(peakBytes: number | null): void {
    this.#evaluationPeakBytes ??= peakBytes;
  }
}
