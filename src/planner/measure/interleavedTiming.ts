import { median, medianAbsoluteDeviation, quantile } from 'simple-statistics';
import { student, workMs, type StepTime, type TimedBlock } from './stepTimeFit';

/** The blocks one trial was timed with in each round; a round it missed is empty. */
type TurnsByTrial = ReadonlyMap<string, readonly (readonly TimedBlock[])[]>;

const polishings = 12;
/**
 * What disturbs a step only makes it slower, so that the lower quartile of a trial's rounds is
 * nearer to the device's work than their median; of a normal sample it scatters this much more than
 * the mean.
 */
const level = 0.25;
const quartileInefficiency = 1.362;

/**
 * Step times of trials that were timed in turns, round after round, by median polish (Tukey),
 * with the lower quartile for trials:
 * `log t(trial, round) = trial + round`. What slows a whole round (a machine that drifts) falls on
 * the round, and what disturbs one turn (a spike of load) on no single one. Trials without a timed round
 * are left out; the interval is null with fewer than three rounds.
 */
export function stepTimesInTurns(turns: TurnsByTrial): Map<string, StepTime> {
  const logs = new Map([...turns].map(([id, rounds]) => [id, rounds.map(logStepMs)] as const));
  const rounds = Math.max(0, ...[...logs.values()].map(({ length }) => length));
  const trialEffect = new Map<string, number>();
  let roundEffect = Array.from({ length: rounds }, () => 0);
  for (let i = 0; i < polishings; i++) {
    for (const [id, own] of logs) {
      const rests = own.map((log, round) => minus(log, roundEffect[round] ?? 0));
      const known = rests.filter((rest) => rest !== null);
      if (known.length > 0) trialEffect.set(id, quantile(known, level));
    }
    const effects = roundEffect.map((_, round) =>
      middle([...trialEffect].map(([id, effect]) => minus(logs.get(id)?.[round] ?? null, effect))),
    );
    // The typical round has no effect, so that times are those of a typical moment.
    const typical = middle(effects) ?? 0;
    roundEffect = effects.map((effect) => (effect ?? typical) - typical);
  }
  const times = new Map<string, StepTime>();
  for (const [id, effect] of trialEffect) {
    const rests = (logs.get(id) ?? []).flatMap((log, round) =>
      log === null ? [] : [log - effect - (roundEffect[round] ?? 0)],
    );
    times.set(id, { ms: Math.exp(effect), interval: intervalOf(effect, rests) });
  }
  return times;
}

function intervalOf(effect: number, rests: readonly number[]): readonly [number, number] | null {
  if (rests.length < 3) return null;
  const deviation = 1.4826 * medianAbsoluteDeviation([...rests]);
  const error =
    (quartileInefficiency * student(rests.length - 1) * deviation) / Math.sqrt(rests.length);
  return [Math.exp(effect - error), Math.exp(effect + error)];
}

/** Of a whole turn: the fastest of its blocks may be a step or two that chance made fast. */
function logStepMs(blocks: readonly TimedBlock[]): number | null {
  const timed = blocks.filter(({ ms }) => ms > 0);
  const work = timed.reduce((sum, block) => sum + workMs(block), 0);
  const updates = timed.reduce((sum, { iterations }) => sum + iterations, 0);
  return updates === 0 ? null : Math.log(work / updates);
}

function middle(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : median(known);
}

function minus(a: number | null, b: number): number | null {
  return a === null ? null : a - b;
}
