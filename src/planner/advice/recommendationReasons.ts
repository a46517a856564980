import { iterationsPerEpoch } from '../../core/batches/arithmetic';
import { bestUntil, type Choice, type Evidence } from './choice';
import { confidenceText, type Confidence } from '../../core/sweep/confidence';
import { budgetToSettle } from '../race/budget';
import { attemptsOf } from '../../core/sweep/attempts';
import { formatBytes } from '../../core/text/format';
import type { Text } from '../../core/text/problem';
import { timesSlower } from '../race/comparison';
import type { SizeTime } from '../../core/sweep/readings';
import { isBetter } from '../../core/sweep/curve';
import type { StoppedComparison, Trial } from '../../core/sweep/result';
import { curveOfTrial } from '../../core/sweep/trialCurve';
import {
  budgetText,
  measured as short,
  rate as rateText,
  seconds as secondsText,
  times as timesText,
} from '../../core/text/valueText';

/** A smaller factor is expressed as behind, not as a number of times. */
const leastTimes = 1.05;

/** How long sizes took: at the rule's learning rates, and as it is shown, with the one recommended. */
export interface ReasonTimes {
  readonly byRule: readonly SizeTime[];
  readonly shown: readonly SizeTime[];
}

/** Why the winner is the best for its objective. */
export function objectiveReasons(
  choice: Choice,
  candidates: readonly Trial[],
  evidence: Evidence,
  times: ReasonTimes,
  confidence: Confidence | null,
): Text[] {
  const configured = configuredOf(candidates, evidence);
  const [main, ...more] = mainReasons(choice, configured, evidence, times);
  return [
    ...(main ? [main] : []),
    ...sureness(choice, confidence, evidence),
    ...aboveGuessing(choice, evidence),
    ...more,
    ...tieReasons(choice, evidence, times),
    ...fewerSeedsReasons(choice, times),
    ...(choice.winner === configured
      ? [text('configuredIsBest', { batchSize: choice.winner.batchSize })]
      : []),
  ];
}

function configuredOf(candidates: readonly Trial[], { configured }: Evidence): Trial | null {
  const trials = attemptsOf(candidates).map(({ trial }) => trial);
  return trials.find(({ batchSize }) => batchSize === configured.batchSize) ?? null;
}

/** What the winner costs in memory, and what changes with it and the learning rate recommended. */
export function costReasons(
  { winner, basis }: Choice,
  learningRate: number,
  evidence: Evidence,
): Text[] {
  const { limitBytes, configured, samples, trials } = evidence;
  const reasons: Text[] = [];
  if (winner.peakBytes !== null) {
    const memory = formatBytes(winner.peakBytes);
    reasons.push(
      limitBytes === null
        ? text('memoryNeeded', { memory })
        : text('memoryOfLimit', { memory, limit: formatBytes(limitBytes) }),
    );
  }
  const tooLarge = sizes(trials, ({ status }) => status === 'out-of-memory')[0];
  const largest = sizes(
    trials,
    ({ status, peakBytes }) =>
      peakBytes !== null && status !== 'out-of-memory' && status !== 'failed',
  ).at(-1);
  if (tooLarge !== undefined && largest !== undefined && largest < tooLarge) {
    reasons.push(text('largestThatFits', { largest, tooLarge }));
  }
  if (winner.batchSize !== configured.batchSize) {
    const iterations = iterationsPerEpoch(samples, winner.batchSize);
    const comparedTo = iterationsPerEpoch(samples, configured.batchSize);
    reasons.push(
      iterations === 1
        ? text('updatesChangeToOne', { comparedTo })
        : text('updatesChange', { iterations, comparedTo }),
    );
  }
  // Where the configured size's own rate gave way to a faster one, that reason says so.
  const isScaled = winner.learningRate !== configured.learningRate;
  if (isScaled && learningRate !== configured.learningRate) {
    const values = { from: rateText(configured.learningRate), to: rateText(learningRate) };
    reasons.push(text(basis === 'speed' ? 'learningRateByRule' : 'learningRateChanges', values));
  }
  return reasons;
}

/** How sure it is; where it alone reached the target, what budget would settle the rest. */
function sureness(
  { winner, basis }: Choice,
  confidence: Confidence | null,
  { trials, budgetSeconds }: Evidence,
): Text[] {
  if (basis === 'speed') return [text('estimateOnly', {})];
  if (!confidence) return [];
  const { beat, tied, notCompared } = confidence;
  const stopped = notCompared.filter(({ why }) => why === 'budget');
  if (beat.length + tied.length === 0 && stopped.length > 0) {
    const trained = stopped.map(
      ({ batchSize }) =>
        trials.find((trial) => trial.batchSize === batchSize)?.loss.at(-1)?.seconds ?? 0,
    );
    const budget = budgetToSettle(budgetSeconds, winner.timeToTargetSeconds ?? 0, trained);
    const values = { batchSize: winner.batchSize, budget: budgetText(budget) };
    return [text('onlyOneReached', values)];
  }
  const sentence = confidenceText(confidence);
  return sentence ? [sentence] : [];
}

/** What a comparison is worth where the target lies between a start that is far off and guessing. */
function aboveGuessing(
  { basis }: Choice,
  { target, metric, guess = null, start = null }: Evidence,
): Text[] {
  if (basis !== 'target' || target?.source !== 'pilot' || guess === null || start === null)
    return [];
  if (!isBetter(metric, guess, target.value)) return [];
  const values = { target: short(target.value), guess: short(guess), start: short(start) };
  return [text('targetAboveGuessing', values)];
}

function mainReasons(
  choice: Choice,
  configured: Trial | null,
  evidence: Evidence,
  times: ReasonTimes,
): Text[] {
  switch (choice.basis) {
    case 'target':
      return targetReasons(choice.winner, configured, evidence, times);
    case 'seconds':
      return [furthestReason(choice, evidence)];
    case 'throughput':
      return throughputReasons(choice.winner, configured);
    case 'epochs':
      return qualityReasons(choice, configured, evidence);
    case 'memory':
      return [memoryReason(choice, times)];
    case 'speed':
      return [speedReason(choice, evidence)];
  }
}

function speedReason({ winner, at }: Choice, { trials }: Evidence): Text {
  const ratio = at ?? 1;
  const values = {
    batchSize: winner.batchSize,
    step: secondsText((winner.stepMs ?? 0) / 1000),
    samplesPerSecond: short(winner.samplesPerSecond ?? 0),
    sizes: sizes(trials, ({ stepMs }) => stepMs !== null).join(', '),
  };
  return ratio < leastTimes
    ? text('estimatedFastest', values)
    : text('estimatedFast', { ...values, times: timesText(ratio) });
}

function secondsIn(times: readonly SizeTime[], { batchSize }: Trial): number | null {
  return times.find((time) => time.batchSize === batchSize)?.seconds ?? null;
}

function targetReasons(
  winner: Trial,
  configured: Trial | null,
  evidence: Evidence,
  { shown }: ReasonTimes,
): Text[] {
  const seconds = secondsIn(shown, winner) ?? 0;
  const { metric } = evidence;
  const common = {
    batchSize: winner.batchSize,
    metric,
    target: short(evidence.target?.value ?? 0),
    seconds: secondsText(seconds),
  };
  const compared = configured === winner ? null : configured;
  const theirs = shown.find((time) => time.batchSize === compared?.batchSize);
  if (compared && theirs && seconds > 0) {
    const ratio = theirs.seconds / seconds;
    const values = { ...common, comparedTo: compared.batchSize };
    if (ratio >= leastTimes) {
      const id = theirs.isLowerBound ? 'fastestToTargetAtLeast' : 'fastestToTarget';
      return [text(id, { ...values, times: timesText(ratio) })];
    }
    return [text('equalToTarget', { ...values, other: secondsText(theirs.seconds) })];
  }
  const reasons = [text('firstToTarget', common)];
  const trained = compared?.loss.at(-1)?.seconds;
  const stopped = compared && stoppedBehind(winner, compared, evidence);
  if (stopped) {
    const { comparedTo, value, times } = stopped;
    const values = { batchSize: winner.batchSize, metric, comparedTo };
    reasons.push(
      text('configuredSlower', { ...values, value: short(value), times: timesText(times) }),
    );
  } else if (compared && trained !== undefined) {
    const values = { comparedTo: compared.batchSize, metric, target: common.target };
    reasons.push(text('configuredBehind', { ...values, seconds: secondsText(trained) }));
  }
  return reasons;
}

/**
 * How the winner compares with the configured size where that was stopped on its way to the target;
 * null where it got there, or where it is not known.
 */
export function stoppedComparison(
  { winner, basis }: Choice,
  candidates: readonly Trial[],
  evidence: Evidence,
  { shown }: ReasonTimes,
): StoppedComparison | null {
  const configured = configuredOf(candidates, evidence);
  if (basis !== 'target' || !configured || configured === winner) return null;
  if (secondsIn(shown, configured) !== null) return null;
  return stoppedBehind(winner, configured, evidence);
}

/** How many times as fast the winner had come as far as another that was stopped on the way. */
function stoppedBehind(
  winner: Trial,
  other: Trial,
  { metric, start = null }: Evidence,
): StoppedComparison | null {
  if (start === null) return null;
  const curve = curveOfTrial(other, metric, start);
  const times = timesSlower(curve, curveOfTrial(winner, metric, start), metric);
  const value = curve.at(-1)?.value;
  if (times === null || times < leastTimes || value === undefined) return null;
  return { comparedTo: other.batchSize, metric, value, times };
}

function furthestReason({ winner, at }: Choice, { metric, target }: Evidence): Text {
  const seconds = at ?? 0;
  const value = bestUntil(winner, metric, (point) => point.seconds <= seconds) ?? 0;
  const values = {
    batchSize: winner.batchSize,
    metric,
    seconds: secondsText(seconds),
    value: short(value),
  };
  return target
    ? text('noneReachedTarget', { ...values, target: short(target.value) })
    : text('noTarget', values);
}

function throughputReasons(winner: Trial, configured: Trial | null): Text[] {
  const rate = winner.samplesPerSecond ?? 0;
  const reasons = [
    text('highestThroughput', { batchSize: winner.batchSize, samplesPerSecond: Math.round(rate) }),
  ];
  if (configured?.samplesPerSecond && configured !== winner) {
    reasons.push(
      text('throughputGain', {
        times: timesText(rate / configured.samplesPerSecond),
        samplesPerSecond: Math.round(configured.samplesPerSecond),
        comparedTo: configured.batchSize,
      }),
    );
  }
  return reasons;
}

function qualityReasons(
  { winner, at }: Choice,
  configured: Trial | null,
  { metric }: Evidence,
): Text[] {
  const epochs = at ?? 0;
  const value = (trial: Trial) => bestUntil(trial, metric, (point) => point.epoch <= epochs + 1e-6);
  const reasons = [
    text('bestQuality', {
      batchSize: winner.batchSize,
      metric,
      epochs: short(epochs),
      value: short(value(winner) ?? 0),
    }),
  ];
  const compared = configured === null || configured === winner ? null : value(configured);
  if (configured && compared !== null) {
    const values = { comparedTo: configured.batchSize, value: short(compared) };
    reasons.push(text('qualityGain', values));
  }
  return reasons;
}

function memoryReason({ winner, at }: Choice, { byRule }: ReasonTimes): Text {
  const seconds = secondsIn(byRule, winner);
  return at === null || seconds === null
    ? text('leastMemoryNoTarget', {
        batchSize: winner.batchSize,
        memory: formatBytes(winner.peakBytes ?? 0),
      })
    : text('leastMemory', {
        batchSize: winner.batchSize,
        seconds: secondsText(seconds),
        best: secondsText(at),
      });
}

/** Sizes that were better by the number alone, but not by more than what is noise. */
function tieReasons(
  { winner, tiedWith, basis, at }: Choice,
  { metric }: Evidence,
  { byRule }: ReasonTimes,
): Text[] {
  if (!tiedWith) return [];
  const value = (trial: Trial): number | null => {
    switch (basis) {
      case 'target':
        return secondsIn(byRule, trial);
      case 'throughput':
        return trial.samplesPerSecond;
      case 'seconds':
        return bestUntil(trial, metric, (point) => point.seconds <= (at ?? 0));
      case 'epochs':
        return bestUntil(trial, metric, (point) => point.epoch <= (at ?? 0) + 1e-6);
      case 'memory':
        return trial.peakBytes;
      case 'speed':
        return null;
    }
  };
  const [ours, theirs] = [value(winner), value(tiedWith)];
  if (ours === null || theirs === null || theirs === 0) return [];
  const percent = Math.max(1, Math.ceil(100 * Math.abs(ours / theirs - 1)));
  const others =
    basis === 'target'
      ? byRule.filter((time) => time.seconds < ours && time.seconds >= theirs)
      : [];
  if (others.length < 2) return [text('tieToSmaller', { other: tiedWith.batchSize, percent })];
  const list = others.map(({ batchSize }) => batchSize).join(', ');
  return [text('tieToSmallest', { others: list, percent })];
}

/** Sizes that look faster, but were not raced with every seed that the closest were compared by. */
function fewerSeedsReasons({ winner, tiedWith, basis }: Choice, { byRule }: ReasonTimes): Text[] {
  const best = secondsIn(byRule, tiedWith ?? winner);
  if (basis !== 'target' || best === null) return [];
  return byRule
    .filter((time) => time.seconds < best)
    .map(({ batchSize: other, seconds, seeds }) =>
      text('fewerSeeds', { other, seconds: secondsText(seconds), seeds }),
    );
}

function sizes(trials: readonly Trial[], wanted: (trial: Trial) => boolean): number[] {
  return trials
    .filter(wanted)
    .map(({ batchSize }) => batchSize)
    .sort((a, b) => a - b);
}

function text(id: Text['id'], values: Text['values']): Text {
  return { id, values };
}
