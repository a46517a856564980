import { lostSeedRatio } from '../../core/sweep/readings';

/**
 * Where a sweep draws its lines: seconds to the target of one trial over those of the trial it is
 * compared with.
 */
export const timeRatios = {
  /** From here on a size has lost to the best one, and stops. */
  lost: lostSeedRatio,
  /** A size expected to need less than this of the pilot's seconds takes the pilot over. */
  pilotTakenOver: 0.87,
  /** A learning rate that needs at most this of the rule's seconds is recommended instead. */
  fasterRate: 0.85,
  /** A check of the configured size needs at most this of the winner's seconds to turn the order. */
  turnedOrder: 0.9,
  /** Half or twice the rate saves no more than this: a size that is slower stays slower at any. */
  mostFromRate: 1.5,
} as const;
