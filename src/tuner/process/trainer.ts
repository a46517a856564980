import type { Problem } from '../../core/text/problem';
import type { Input, Output } from '../../protocol/channel';
import type { Running, TrainerContract } from '../../protocol/trainer';
import type { WorkerDeath } from './workerDeath';

export type CallName = keyof TrainerContract['calls'];

/** What came of a call: its answer, a refusal (the trainer lives on), no answer in time (it was ended), or its death. */
export type Answer<N extends CallName> =
  | { readonly kind: 'answer'; readonly output: Output<TrainerContract, N> }
  | { readonly kind: 'refused'; readonly message: string; readonly problem?: Problem }
  | { readonly kind: 'late'; readonly running?: Running }
  | { readonly kind: 'died'; readonly death: WorkerDeath };

/** Whatever trains: the tuner knows it by the contract alone. */
export interface Trainer {
  readonly alive: boolean;
  /** How it ended; null while it lives. */
  readonly death: WorkerDeath | null;
  /** Never rejects; a trainer that does not answer in time is ended. */
  call<N extends CallName>(
    name: N,
    input: Input<TrainerContract, N>,
    timeoutMs?: number,
  ): Promise<Answer<N>>;
  stop(): Promise<void>;
  /**
   * Gives up what a fault may have damaged, where that is less than everything: a trainer that holds
   * each trial apart. Left out, the trainer is stopped.
   */
  giveUpFaulty?(): Promise<void>;
}
