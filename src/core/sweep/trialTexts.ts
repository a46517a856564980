import type { MessageId } from '../text/messages';
import type { Text } from '../text/problem';
import type { StopReason, TrialPurpose, TrialStatus } from './result';

const statuses: Readonly<Record<TrialStatus, MessageId>> = {
  ok: 'statusOk',
  'out-of-memory': 'statusOutOfMemory',
  diverged: 'statusDiverged',
  failed: 'statusFailed',
  skipped: 'statusSkipped',
};

const reasons: Readonly<Record<StopReason, MessageId>> = {
  probed: 'stopProbed',
  paused: 'stopPaused',
  plateau: 'stopPlateau',
  epochs: 'stopEpochs',
  'reached target': 'stopReachedTarget',
  'slower than the best': 'stopSlower',
  'behind the best': 'stopBehind',
  overtaken: 'stopOvertaken',
  budget: 'stopBudget',
  'out-of-memory': 'statusOutOfMemory',
  diverged: 'statusDiverged',
  failed: 'statusFailed',
};

/** What a trial is for that is not the one its size is compared by. */
const purposes: Readonly<Partial<Record<TrialPurpose, MessageId>>> = {
  repeat: 'purposeRepeat',
  'half-rate': 'purposeHalfRate',
  'twice-rate': 'purposeTwiceRate',
  accumulated: 'purposeAccumulated',
  schedule: 'purposeSchedule',
};

export function statusText(status: TrialStatus): Text {
  return { id: statuses[status], values: {} };
}

/** Null for a reason that another version wrote. */
export function stopReasonText(reason: string): Text | null {
  return Object.hasOwn(reasons, reason) ? { id: reasons[reason as StopReason], values: {} } : null;
}

/** Null for a trial that its size is compared by. */
export function purposeText(purpose: TrialPurpose): Text | null {
  const id = purposes[purpose];
  return id ? { id, values: {} } : null;
}
