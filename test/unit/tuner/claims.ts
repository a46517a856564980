import { rightWithin } from '../../../src/planner/advice/confidence';
import { simulate } from './simulatedSweep';
import { configured, randomSurface, sizesOf, truth, worldOf } from './syntheticWorld';

/** A sweep's recommendation: whether it claims to be sure, and whether it is right. */
export interface Claim {
  readonly isSure: boolean;
  /** No size is truly faster to the sweep's target by more than a recommendation may be off. */
  readonly isRight: boolean;
}

/** Where starting takes long beside training, finals have the time for the seeds that claims need. */
const loadSeconds = 10;

/** What a simulated sweep with a seed of its own claims on a made-up surface. */
export async function claimOf(
  surfaceSeed: number,
  runScatter: number,
  sweepSeed: number,
): Promise<Claim> {
  const surface = randomSurface(surfaceSeed, runScatter);
  const config = { epochs: surface.epochs, ...configured, seed: sweepSeed };
  const world = { ...worldOf(surface), loadSeconds };
  const { result } = await simulate(world, config, { machineSeed: sweepSeed });
  const { recommendation, target } = result;
  if (!recommendation || !target) return { isSure: false, isRight: false };
  const seconds = (batchSize: number) => truth(surface, batchSize, target.value);
  const best = Math.min(...sizesOf(surface).map(seconds));
  return {
    isSure: recommendation.confidence?.isSure ?? false,
    isRight: seconds(recommendation.batchSize) <= (1 + rightWithin) * best,
  };
}
