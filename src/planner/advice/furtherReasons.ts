import { attemptsOf, learningRateChecks } from '../../core/sweep/attempts';
import type { Choice, Evidence } from './choice';
import { fasterRate, fastestOf } from './fasterRate';
import { overfitting } from './overfitting';
import type { ReasonTimes } from './recommendationReasons';
import type { Text } from '../../core/text/problem';
import type { Trial } from '../../core/sweep/result';
import { crossing } from '../../core/sweep/curve';
import { curveOfTrial } from '../../core/sweep/trialCurve';
import { measured, rate, seconds } from '../../core/text/valueText';

/** Shares of the improvement at which winners are named, besides the target's own. */
const otherShares = [0.8, 0.95];
const targetShare = 0.9;

/** What else the trials show: repeats, learning rates, other targets, noise, overfitting. */
export function furtherReasons(choice: Choice, evidence: Evidence, times: ReasonTimes): Text[] {
  return [
    ...accumulationReasons(choice),
    ...repeatReasons(evidence),
    ...learningRateReasons(choice, evidence, times),
    ...otherTargetReasons(choice, evidence),
    ...noiseReasons(evidence),
    ...scheduleReasons(choice, evidence),
    ...overfittingReasons(choice, evidence),
  ];
}

function accumulationReasons({ winner }: Choice): Text[] {
  const { batchSize, gradientAccumulation: parts } = winner;
  if (parts === 1) return [];
  const part = Math.ceil(batchSize / parts);
  return [{ id: 'accumulationNeeded', values: { batchSize, parts, part } }];
}

function repeatReasons({ trials }: Evidence): Text[] {
  const again = attemptsOf(trials).filter(({ repeats }) => repeats.length > 0);
  const sizes = again.map(({ trial }) => trial.batchSize).sort((a, b) => a - b);
  const seeds = 1 + Math.max(0, ...again.map(({ repeats }) => repeats.length));
  const values = { sizes: sizes.join(', '), seeds };
  return sizes.length > 1 ? [{ id: 'racedAgain', values }] : [];
}

function learningRateReasons(
  { winner, basis }: Choice,
  evidence: Evidence,
  { byRule }: ReasonTimes,
): Text[] {
  const { trials, target, metric, configured } = evidence;
  const own = byRule.find(({ batchSize }) => batchSize === winner.batchSize)?.seconds;
  if (!target || own === undefined || basis !== 'target') return [];
  const reasons: Text[] = [];
  const common = { batchSize: winner.batchSize, metric, target: measured(target.value) };
  const faster = fasterRate(trials, winner);
  if (faster) {
    const values = { from: rate(winner.learningRate), to: rate(faster.trial.learningRate) };
    const text = { ...common, ...values, seconds: seconds(faster.seconds), before: seconds(own) };
    reasons.push({ id: 'learningRateFaster', values: text });
  }
  const other = attemptsOf(trials)
    .map(({ trial }) => trial)
    .find(({ batchSize }) => batchSize === configured.batchSize);
  const best = fastestOf([winner, ...learningRateChecks(trials, winner)]);
  if (!other || other === winner || !best) return reasons;
  const theirs = fastestOf(learningRateChecks(trials, other));
  if (theirs && theirs.seconds < best.seconds) {
    const values = {
      ...common,
      other: other.batchSize,
      rate: rate(theirs.trial.learningRate),
      seconds: seconds(theirs.seconds),
      best: seconds(best.seconds),
    };
    reasons.push({ id: 'learningRateFlips', values });
  }
  return reasons;
}

/** Winners at an easier and a harder target, where at least two sizes were trained that far. */
function otherTargetReasons({ winner, basis }: Choice, evidence: Evidence): Text[] {
  const { trials, target, metric, start = null } = evidence;
  if (!target || start === null || basis !== 'target') return [];
  const winners = otherShares.flatMap((share) => {
    const value = start + (share / targetShare) * (target.value - start);
    const reached = attemptsOf(trials).flatMap(({ trial }) => {
      const at = crossing(curveOfTrial(trial, metric, start), metric, value);
      return at === null || trial.status !== 'ok' ? [] : [{ batchSize: trial.batchSize, at }];
    });
    if (reached.length < 2) return [];
    const best = reached.reduce((a, b) => (b.at < a.at ? b : a));
    return [{ share: Math.round(100 * share), batchSize: best.batchSize, at: best.at }];
  });
  const [first, second] = winners;
  if (first && second && winners.every(({ batchSize }) => batchSize === winner.batchSize)) {
    const values = { share: first.share, further: second.share };
    return [{ id: 'sameAtBothTargets', values }];
  }
  return winners.map(({ share, batchSize, at }): Text => {
    const values = { share, seconds: seconds(at) };
    return batchSize === winner.batchSize
      ? { id: 'sameAtOtherTargets', values }
      : { id: 'otherAtOtherTargets', values: { ...values, other: batchSize } };
  });
}

/** The growing schedule that was no slower than the winner at any rate tried; null where none was. */
export function winningSchedule({ winner, basis }: Choice, { trials }: Evidence): Trial | null {
  const own = fastestOf([winner, ...learningRateChecks(trials, winner)])?.seconds;
  if (basis !== 'target' || own === undefined) return null;
  const scheduled = scheduledTrial(trials, winner);
  const theirs = scheduled?.timeToTargetSeconds ?? Infinity;
  return theirs <= own ? scheduled : null;
}

function scheduledTrial(trials: readonly Trial[], { batchSize }: Trial): Trial | null {
  const found = trials.find(
    (trial) => trial.schedule !== null && trial.batchSize === batchSize && trial.status === 'ok',
  );
  return found ?? null;
}

function scheduleReasons(choice: Choice, evidence: Evidence): Text[] {
  const { winner, basis } = choice;
  const trial = scheduledTrial(evidence.trials, winner);
  const [small, large] = trial?.schedule ?? [];
  const took = trial?.timeToTargetSeconds ?? null;
  const own = winner.timeToTargetSeconds;
  if (!small || !large || took === null || own === null || basis !== 'target') return [];
  const values = {
    from: small.batchSize,
    to: large.batchSize,
    epoch: large.epoch,
    seconds: seconds(took),
  };
  if (!winningSchedule(choice, evidence)) return [{ id: 'scheduleSlower', values }];
  const { metric, target } = evidence;
  const more = { metric, target: measured(target?.value ?? 0), best: seconds(own) };
  return [{ id: 'scheduleFaster', values: { ...values, ...more } }];
}

function noiseReasons({ trials }: Evidence): Text[] {
  const measuredNoise = trials.find(({ gradientNoiseScale }) => gradientNoiseScale !== null);
  if (!measuredNoise?.gradientNoiseScale) return [];
  const samples = Math.round(measured(measuredNoise.gradientNoiseScale));
  const approximate = measuredNoise.noise.some((point) => point.approximate);
  return [{ id: approximate ? 'noiseScaleApproximate' : 'noiseScale', values: { samples } }];
}

/** Of the winner where it shows, else of the trial that was trained for the most epochs. */
function overfittingReasons({ winner }: Choice, { trials }: Evidence): Text[] {
  const longest = trials
    .filter(({ status }) => status === 'ok')
    .toSorted((a, b) => (b.loss.at(-1)?.epoch ?? 0) - (a.loss.at(-1)?.epoch ?? 0));
  for (const { batchSize, loss } of [winner, ...longest]) {
    const found = overfitting(loss);
    if (!found) continue;
    const { epoch, least, last } = found;
    const values = { epoch: measured(epoch), least: measured(least), last: measured(last) };
    return [{ id: 'overfits', values: { batchSize, ...values } }];
  }
  return [];
}
