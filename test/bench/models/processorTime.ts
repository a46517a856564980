import { readFileSync } from 'node:fs';
import { checkConfig } from '../../../src/config/readConfig';
import { ok } from '../../../src/core/text/problem';
import { tuneUnlocked } from '../../../src/tuner/sweep';
import type { SweepOutcome } from '../../../src/tuner/sweepOptions';
import type { Trainer } from '../../../src/tuner/process/trainer';
import { TrainerProcess } from '../../../src/tuner/process/trainerProcess';

/** Calls may take so many times as long by the wall clock as by the processor's. */
const patience = 20;
const ticksPerSecond = 100;

/**
 * Tunes with a budget in seconds of processor time, of this process and the training process
 * (Linux). On a busy machine that is about what a sweep would do in as many seconds on a quiet one,
 * for the WebAssembly engine computes on one thread.
 */
export async function tuneByProcessorTime(
  configFile: string,
  workerFile: string,
  budgetSeconds: number,
): Promise<SweepOutcome> {
  const read = await checkConfig(readFileSync(configFile, 'utf8'), configFile);
  if (!read.ok) throw new Error(JSON.stringify(read));
  const { config, root } = read;
  const used = new Map<number, number>();
  const now = () => {
    for (const pid of [process.pid, ...childrenOf(process.pid)]) {
      used.set(pid, Math.max(used.get(pid) ?? 0, secondsOf(pid)));
    }
    return [...used.values()].reduce((sum, seconds) => sum + seconds, 0);
  };
  return tuneUnlocked({
    config,
    configFile,
    root,
    budgetSeconds,
    now,
    startTrainer: async () => {
      const started = await TrainerProcess.start({ workerFile, nodePath: process.execPath });
      return started.ok ? ok(patiently(started.value)) : started;
    },
    onEvent: () => undefined,
  });
}

function patiently(trainer: Trainer): Trainer {
  return {
    get alive() {
      return trainer.alive;
    },
    get death() {
      return trainer.death;
    },
    call: (name, input, timeoutMs = Infinity) => trainer.call(name, input, patience * timeoutMs),
    stop: () => trainer.stop(),
  };
}

function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return text.split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** Processor time of all threads of a process; 0 where it has ended. */
function secondsOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // Fields 14 and 15 of proc(5), of which the first two are cut off.
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
  } catch {
    return 0;
  }
}
