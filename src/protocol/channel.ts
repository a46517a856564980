import * as z from 'zod';
import { ProblemError } from '../core/text/problem';
import { problemSchema, sentProblem, type SentProblem } from './problemSchema';
import { causeOf } from '../core/text/errorText';

/** One end of anything that carries messages: a forked process, a webview, a pair of queues. */
export interface Port {
  post(message: unknown): void;
  /** Returns what stops the listening. */
  listen(receive: (message: unknown) => void): () => void;
}

/** What one side answers (`calls`) and what it announces (`events`). */
export interface Contract {
  readonly calls: Readonly<
    Record<string, { readonly input: z.ZodType; readonly output: z.ZodType }>
  >;
  readonly events: Readonly<Record<string, z.ZodType>>;
}

type CallName<C extends Contract> = keyof C['calls'] & string;
type EventName<C extends Contract> = keyof C['events'] & string;
export type Input<C extends Contract, N extends CallName<C>> = z.input<C['calls'][N]['input']>;
export type Output<C extends Contract, N extends CallName<C>> = z.output<C['calls'][N]['output']>;
export type Payload<C extends Contract, N extends EventName<C>> = z.output<C['events'][N]>;

export type Handlers<C extends Contract> = {
  readonly [N in CallName<C>]: (
    input: z.output<C['calls'][N]['input']>,
  ) => Promise<z.input<C['calls'][N]['output']>> | z.input<C['calls'][N]['output']>;
};

const envelope = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('call'), id: z.number(), name: z.string(), input: z.unknown() }),
  z.object({ kind: z.literal('answer'), id: z.number(), output: z.unknown() }),
  z.object({
    kind: z.literal('refusal'),
    id: z.number(),
    message: z.string(),
    problem: problemSchema.optional(),
  }),
  z.object({ kind: z.literal('event'), name: z.string(), payload: z.unknown() }),
]);

/** The other side broke the contract, refused a call, or is gone. */
export class ChannelError extends Error {
  override readonly name = 'ChannelError';

  /** `problem`: why the other side refused, where that is something a person can solve. */
  constructor(
    message: string,
    readonly problem: SentProblem | null = null,
  ) {
    super(message);
  }
}

/** Serves a contract's calls over a port and announces its events. */
export function serve<C extends Contract>(
  port: Port,
  contract: C,
  handlers: Handlers<C>,
): {
  emit<N extends EventName<C>>(name: N, payload: z.input<C['events'][N]>): void;
  dispose(): void;
} {
  const stop = port.listen((message) => {
    const parsed = envelope.safeParse(message);
    if (!parsed.success || parsed.data.kind !== 'call') return;
    void answer(parsed.data.id, parsed.data.name, parsed.data.input);
  });

  async function answer(id: number, name: string, rawInput: unknown) {
    try {
      const call = Object.hasOwn(contract.calls, name) ? contract.calls[name] : undefined;
      if (!call) throw new ChannelError(`There is no call named ${name}.`);
      const input = call.input.parse(rawInput);
      const output = await handlers[name as CallName<C>](input as never);
      port.post({ kind: 'answer', id, output });
    } catch (error) {
      port.post({
        kind: 'refusal',
        id,
        message: causeOf(error),
        ...(error instanceof ProblemError && { problem: sentProblem(error.problem) }),
      });
    }
  }

  return {
    emit: (name, payload) => {
      port.post({ kind: 'event', name, payload });
    },
    dispose: stop,
  };
}

export interface Client<C extends Contract> {
  /** Rejects with a ChannelError when the other side refuses, answers nonsense or goes away. */
  call<N extends CallName<C>>(name: N, input: Input<C, N>): Promise<Output<C, N>>;
  on<N extends EventName<C>>(name: N, listener: (payload: Payload<C, N>) => void): () => void;
  /** Rejects every open call with this reason. */
  close(reason: string): void;
}

/** Calls the other side of a port and hears its events. Messages that break the contract go to `onInvalid`. */
export function connect<C extends Contract>(
  port: Port,
  contract: C,
  onInvalid: (error: ChannelError) => void = () => undefined,
): Client<C> {
  let nextId = 1;
  let closed: string | null = null;
  const open = new Map<
    number,
    { name: string; resolve: (output: never) => void; reject: (error: Error) => void }
  >();
  const listeners = new Map<string, Set<(payload: never) => void>>();

  const stop = port.listen((message) => {
    const parsed = envelope.safeParse(message);
    if (!parsed.success) {
      onInvalid(
        new ChannelError(`Not a message of this channel: ${z.prettifyError(parsed.error)}`),
      );
      return;
    }
    const { data } = parsed;
    if (data.kind === 'event') receiveEvent(data.name, data.payload);
    else if (data.kind !== 'call') receiveAnswer(data);
  });

  function receiveEvent(name: string, rawPayload: unknown) {
    const schema = Object.hasOwn(contract.events, name) ? contract.events[name] : undefined;
    const payload = schema?.safeParse(rawPayload);
    if (!payload?.success) {
      onInvalid(new ChannelError(`Event ${name} does not fit the contract.`));
      return;
    }
    for (const listener of listeners.get(name) ?? []) listener(payload.data as never);
  }

  function receiveAnswer(
    message:
      | { kind: 'answer'; id: number; output?: unknown }
      | { kind: 'refusal'; id: number; message: string; problem?: SentProblem | undefined },
  ) {
    const call = open.get(message.id);
    if (!call) return;
    open.delete(message.id);
    if (message.kind === 'refusal') {
      call.reject(new ChannelError(message.message, message.problem ?? null));
      return;
    }
    const output = contract.calls[call.name]?.output.safeParse(message.output);
    if (output?.success) call.resolve(output.data as never);
    else call.reject(new ChannelError(`The answer to ${call.name} does not fit the contract.`));
  }

  return {
    call: (name, input) =>
      new Promise((resolve, reject) => {
        if (closed !== null) {
          reject(new ChannelError(closed));
          return;
        }
        const id = nextId++;
        open.set(id, { name, resolve, reject });
        port.post({ kind: 'call', id, name, input });
      }),
    on: (name, listener) => {
      const set = listeners.get(name) ?? new Set();
      listeners.set(name, set.add(listener));
      return () => set.delete(listener);
    },
    close: (reason) => {
      closed ??= reason;
      stop();
      for (const { reject } of open.values()) reject(new ChannelError(reason));
      open.clear();
    },
  };
}
