import type { NoisePoint } from '../../core/sweep/result';
import {
  leastNoiseScale,
  noiseScale,
  type NoiseMeasurement,
  type NoiseScale,
} from '../../planner/measure/noise';

/** The gradient noise that was measured of one trial. */
export class TrialNoise {
  readonly #samples: number;
  readonly #approximate: boolean;
  #steps: readonly NoiseMeasurement[] = [];
  #points: readonly NoisePoint[];

  /**
   * @param samples training samples
   * @param approximate whether the model moves averages as it measures
   */
  constructor(samples: number, approximate: boolean, points: readonly NoisePoint[] = []) {
    this.#samples = samples;
    this.#approximate = approximate;
    this.#points = points;
  }

  /** The noise scale each time that it was measured and known. */
  get points(): readonly NoisePoint[] {
    return this.#points;
  }

  measured(steps: readonly NoiseMeasurement[]): void {
    this.#steps = [...this.#steps, ...steps];
    const now = noiseScale(steps, this.#samples);
    if (!now) return;
    const samples = steps[0]?.samples ?? 0;
    const approximate = this.#approximate && { approximate: true };
    this.#points = [...this.#points, { samples, ...now, ...approximate }];
  }

  /** The gradient noise scale over all that was measured of it. */
  get scale(): NoiseScale | null {
    return noiseScale(this.#steps, this.#samples);
  }

  /** The noise scale at first and at last: what it was at least where it drowned the gradient. */
  get rise(): { readonly first: number; readonly last: number } | null {
    const [first, known] = [this.#points[0], this.#points.at(-1)];
    if (!first || !known) return null;
    const at = this.#steps.at(-1)?.samples;
    const latest = this.#steps.filter(({ samples }) => samples === at);
    const least = leastNoiseScale(latest, this.#samples) ?? 0;
    const isKnown = at === undefined || known.samples === at;
    return { first: first.value, last: isKnown ? known.value : Math.max(known.value, least) };
  }
}
