import { iterationsPerEpoch } from '../../core/batches/arithmetic';
import { bestUntil, type Choice, type Evidence } from './choice';
import { attemptsOf } from '../../core/sweep/attempts';
import { formatBytes } from '../../core/text/format';
import type { Text } from '../../core/text/problem';
import { timesSlower } from '../race/comparison';
import type { Trial } from '../../core/sweep/result';
import { curveOfTrial } from '../../core/sweep/trialCurve';
import {
  measured as short,
  rate as rateText,
  seconds as secondsText,
  times as timesText,
} from '../../core/text/valueText';

/** A smaller factor is told as behind, not as so many times. */
const leastTimes = 1.05;

/** Why the winner is the best for its objective. */
export function objectiveReasons(
  choice: Choice,
  candidates: readonly Trial[],
  evidence: Evidence,
): Text[] {
  const configured =
    attemptsOf(candidates)
      .map(({ trial }) => trial)
      .find(({ batchSize }) => batchSize === evidence.configured.batchSize) ?? null;
  return [
    ...mainReasons(choice, configured, evidence),
    ...tieReasons(choice, evidence),
    ...(choice.winner === configured
      ? [text('configuredIsBest', { batchSize: choice.winner.batchSize })]
      : []),
  ];
}

/** What the winner costs in memory, and what changes with it and the learning rate recommended. */
export function costReasons({ winner }: Choice, learningRate: number, evidence: Evidence): Text[] {
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
    reasons.push(text('learningRateChanges', values));
  }
  return reasons;
}

function mainReasons(choice: Choice, configured: Trial | null, evidence: Evidence): Text[] {
  switch (choice.basis) {
    case 'target':
      return targetReasons(choice.winner, configured, evidence);
    case 'seconds':
      return [furthestReason(choice, evidence)];
    case 'throughput':
      return throughputReasons(choice.winner, configured);
    case 'epochs':
      return qualityReasons(choice, configured, evidence);
    case 'memory':
      return [memoryReason(choice)];
  }
}

function targetReasons(winner: Trial, configured: Trial | null, evidence: Evidence): Text[] {
  const seconds = winner.timeToTargetSeconds ?? 0;
  const { metric } = evidence;
  const common = {
    batchSize: winner.batchSize,
    metric,
    target: short(evidence.target?.value ?? 0),
    seconds: secondsText(seconds),
  };
  const compared = configured === winner ? null : configured;
  if (compared && compared.timeToTargetSeconds !== null && seconds > 0) {
    const ratio = compared.timeToTargetSeconds / seconds;
    const values = { ...common, comparedTo: compared.batchSize };
    if (ratio >= leastTimes) {
      return [text('fastestToTarget', { ...values, times: timesText(ratio) })];
    }
    const other = secondsText(compared.timeToTargetSeconds);
    return [text('equalToTarget', { ...values, other })];
  }
  const reasons = [text('firstToTarget', common)];
  const trained = compared?.loss.at(-1)?.seconds;
  const sooner = compared && soonerReason(winner, compared, evidence);
  if (sooner) reasons.push(sooner);
  else if (compared && trained !== undefined) {
    const values = { comparedTo: compared.batchSize, metric, target: common.target };
    reasons.push(text('configuredBehind', { ...values, seconds: secondsText(trained) }));
  }
  return reasons;
}

/** How many times sooner the winner had come as far as another that was stopped on the way. */
function soonerReason(winner: Trial, other: Trial, { metric, start }: Evidence): Text | null {
  if (start === null || start === undefined) return null;
  const curve = curveOfTrial(other, metric, start);
  const slower = timesSlower(curve, curveOfTrial(winner, metric, start), metric);
  const value = curve.at(-1)?.value;
  if (slower === null || slower < leastTimes || value === undefined) return null;
  return text('configuredSlower', {
    batchSize: winner.batchSize,
    metric,
    value: short(value),
    times: timesText(slower),
    comparedTo: other.batchSize,
  });
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

function memoryReason({ winner, at }: Choice): Text {
  return at === null || winner.timeToTargetSeconds === null
    ? text('leastMemoryNoTarget', {
        batchSize: winner.batchSize,
        memory: formatBytes(winner.peakBytes ?? 0),
      })
    : text('leastMemory', {
        batchSize: winner.batchSize,
        seconds: secondsText(winner.timeToTargetSeconds),
        best: secondsText(at),
      });
}

function tieReasons({ winner, tiedWith, basis, at }: Choice, { metric }: Evidence): Text[] {
  if (!tiedWith) return [];
  const value = (trial: Trial): number | null => {
    switch (basis) {
      case 'target':
        return trial.timeToTargetSeconds;
      case 'throughput':
        return trial.samplesPerSecond;
      case 'seconds':
        return bestUntil(trial, metric, (point) => point.seconds <= (at ?? 0));
      case 'epochs':
        return bestUntil(trial, metric, (point) => point.epoch <= (at ?? 0) + 1e-6);
      case 'memory':
        return trial.peakBytes;
    }
  };
  const [ours, theirs] = [value(winner), value(tiedWith)];
  if (ours === null || theirs === null || theirs === 0) return [];
  const percent = Math.max(1, Math.ceil(100 * Math.abs(ours / theirs - 1)));
  return [text('tieToSmaller', { other: tiedWith.batchSize, percent })];
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
