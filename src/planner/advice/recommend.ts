import { iterationsPerEpoch } from '../../core/batches/arithmetic';
import { bySpeed, choose, type Choice, type Evidence } from './choice';
import { confidenceIn } from './confidence';
import { fasterRate } from './fasterRate';
import { formatBytes } from '../../core/text/format';
import { furtherReasons, winningSchedule } from './furtherReasons';
import { timesOfSizes } from '../../core/sweep/readings';
import { withEnglish } from '../../core/sweep/renderedText';
import type { Text } from '../../core/text/problem';
import {
  costReasons,
  objectiveReasons,
  stoppedComparison,
  type ReasonTimes,
} from './recommendationReasons';
import { unlearnedReason } from './unlearned';
import { budgetAfterStart } from '../race/budget';
import { budgetText, seconds } from '../../core/text/valueText';
import type { Confidence } from '../../core/sweep/confidence';
import {
  objectives,
  type Recommendation,
  type RenderedText,
  type Trial,
} from '../../core/sweep/result';

/** A start that takes this share of a budget is told where nothing could be measured in the rest. */
const slowStart = 1 / 3;

type Advice =
  | { readonly recommendation: Recommendation; readonly why: null }
  /** No size can be recommended, and why. */
  | { readonly recommendation: null; readonly why: RenderedText };

/**
 * The batch size for an objective, from trials that ran: only sizes that were trained to at least
 * two evaluations, within the data set and the memory limit, can be recommended. Where the budget
 * sufficed for none, one by time is estimated from those that were timed, and marked so.
 */
export function recommend(evidence: Evidence): Advice {
  const { tooSlow = null, objective } = evidence;
  const candidates = eligible(evidence);
  const unlearned = objective === 'time' && !tooSlow ? unlearnedReason(evidence) : null;
  if (unlearned) return { recommendation: null, why: withEnglish(unlearned) };
  const choice =
    objective === 'time' && tooSlow ? bySpeed(candidates) : choose(objective, candidates, evidence);
  if (!choice) return { recommendation: null, why: withEnglish(tooSlow ?? whyNone(evidence)) };
  const { winner } = choice;
  const confidence = confidenceOf(choice, evidence);
  const faster = choice.basis === 'target' ? fasterRate(candidates, winner) : null;
  const learningRate = faster?.trial.learningRate ?? winner.learningRate;
  const { batchSize, gradientAccumulation } = winner;
  const schedule = winningSchedule(choice, evidence)?.schedule ?? null;
  const way = { batchSize, learningRate, gradientAccumulation, schedule };
  const times: ReasonTimes = {
    byRule: timesOfSizes({ trials: candidates, recommendation: null }),
    shown: timesOfSizes({ trials: candidates, recommendation: way }),
  };
  const alternatives = objectives
    .filter((objective) => objective !== evidence.objective)
    .flatMap((objective) => {
      const choice = choose(objective, candidates, evidence);
      const other = choice?.winner;
      // Unequal trainings say nothing about quality: that needs a sweep for it.
      const isComparable = objective !== 'quality' || choice?.basis === 'epochs';
      return other && isComparable
        ? [{ objective, batchSize: other.batchSize, learningRate: other.learningRate }]
        : [];
    });
  const stopped = stoppedComparison(choice, candidates, evidence, times);
  return {
    recommendation: {
      ...way,
      iterationsPerEpoch: iterationsPerEpoch(evidence.samples, winner.batchSize),
      reasons: [
        ...objectiveReasons(choice, candidates, evidence, times, confidence),
        ...furtherReasons(choice, evidence, times),
        ...costReasons(choice, learningRate, evidence),
      ].map(withEnglish),
      alternatives,
      ...(stopped && { stoppedComparison: stopped }),
      ...(choice.basis === 'speed' && { isEstimate: true }),
      confidence,
    },
    why: null,
  };
}

function confidenceOf({ winner, basis }: Choice, evidence: Evidence): Confidence | null {
  if (basis !== 'target') return null;
  const { trials, metric, start = null } = evidence;
  return confidenceIn({ winner, trials, metric, start });
}

function eligible({ trials, samples, limitBytes, tooSlow }: Evidence): readonly Trial[] {
  const isTrained = ({ status, loss }: Trial) => status === 'ok' && loss.length >= 2;
  const isTimed = ({ status, stepMs }: Trial) => status === 'skipped' && stepMs !== null;
  return trials.filter(
    (trial) =>
      (tooSlow ? isTimed(trial) : isTrained(trial)) &&
      trial.batchSize <= samples &&
      (limitBytes === null || (trial.peakBytes ?? 0) <= limitBytes),
  );
}

function whyNone(evidence: Evidence): Text {
  const { trials, limitBytes, configured, budgetSeconds, startSeconds = 0 } = evidence;
  const smallest = [...trials].sort((a, b) => a.batchSize - b.batchSize)[0];
  const failed = trials.filter(({ status }) => status !== 'skipped');
  if (smallest?.status === 'out-of-memory') return nothingFits(smallest.batchSize, limitBytes);
  if (failed.length > 0 && failed.every(({ status }) => status === 'diverged')) {
    return { id: 'allDiverged', values: { learningRate: configured.learningRate } };
  }
  const silent = trials.find(({ error }) => error?.id === 'trialSilent')?.error;
  if (silent) return { id: 'trialSilent', values: silent.values };
  const values = { seconds: Math.round(budgetSeconds) };
  if (startSeconds < slowStart * budgetSeconds) return { id: 'nothingMeasured', values };
  const budget = budgetText(budgetAfterStart(startSeconds, budgetSeconds));
  return {
    id: 'nothingMeasuredAfterStart',
    values: { ...values, start: seconds(startSeconds), budget },
  };
}

function nothingFits(batchSize: number, limitBytes: number | null): Text {
  return limitBytes === null
    ? { id: 'nothingFitsUnknownLimit', values: { batchSize } }
    : { id: 'nothingFits', values: { batchSize, limit: formatBytes(limitBytes) } };
}
