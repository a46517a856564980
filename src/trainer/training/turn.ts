import { setImmediate } from 'node:timers/promises';

/** A call that is being served, which may be asked to end early. */
export interface Turn {
  interrupted(): boolean;
}

/** Lets messages in: an interrupt is heard only when the event loop turns. */
export async function nextTurn(): Promise<void> {
  await setImmediate();
}
