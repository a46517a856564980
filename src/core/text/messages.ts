import { causeMessages } from './messages/causes';
import { configMessages } from './messages/config';
import { dataMessages } from './messages/data';
import { deviceMessages } from './messages/device';
import { modelMessages } from './messages/model';
import { nativeMessages } from './messages/native';
import { reasonMessages } from './messages/reasons';
import { sweepMessages } from './messages/sweep';
import { terminalMessages } from './messages/terminal';
import { trainerMessages } from './messages/trainer';

/**
 * Every sentence that is made outside the editor's own code, in English, by id. Editor, panel and
 * terminal translate the template and then fill it (l10n/bundle.l10n.*.json).
 */
export const messages = {
  ...causeMessages,
  ...configMessages,
  ...dataMessages,
  ...deviceMessages,
  ...modelMessages,
  ...sweepMessages,
  ...trainerMessages,
  ...nativeMessages,
  ...reasonMessages,
  ...terminalMessages,
} as const;

export type MessageId = keyof typeof messages;

export function isMessageId(id: string): id is MessageId {
  return Object.hasOwn(messages, id);
}
