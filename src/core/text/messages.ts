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
 * terminal translate the template and then fill it (l10n/bundle.l10n.*.json). Made by a pure call, so
 * that bundles which use none leave them out; webviews are sent them (src/protocol/pageLanguage.ts).
 */
export const messages = /* @__PURE__ */ (() => ({
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
}))();

export type MessageId = keyof typeof messages;

export function isMessageId(id: string): id is MessageId {
  return Object.hasOwn(messages, id);
}
