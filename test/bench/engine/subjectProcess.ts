import { oursSubject } from './oursSubject';
import { stockSubject } from './stockSubject';
import { timeRound, type SubjectRequest, type Train } from './subject';

/** Answers over IPC: one request to begin with, then one round for every message. */

type Message = { readonly begin: SubjectRequest & { readonly subject: string } } | 'round';

let train: Train | null = null;
let samples = 0;

async function answer(message: Message): Promise<object> {
  if (message !== 'round') {
    const { begin } = message;
    ({ samples } = begin);
    const subject = await (begin.subject === 'ours' ? oursSubject : stockSubject)(begin);
    ({ train } = subject);
    return subject.device ?? {};
  }
  if (!train) throw new Error('A round was asked for before anything had begun.');
  return timeRound(samples, train);
}

process.on('message', (message) => {
  answer(message as Message).then(
    (reply) => process.send?.(reply),
    (error: unknown) => process.send?.({ error: error instanceof Error ? error.message : error }),
  );
});
process.on('disconnect', () => process.exit(0));
