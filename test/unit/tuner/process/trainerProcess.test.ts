import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findNode } from '../../../../src/tuner/process/nodeBinary';
import { silence } from '../../../../src/tuner/process/loadedTrainer';
import { TrainerProcess } from '../../../../src/tuner/process/trainerProcess';
import { looksLikeOutOfMemory } from '../../../../src/tuner/process/workerDeath';

/** The lifecycle of a process, with processes that misbehave on purpose instead of the worker. */
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'batchwise-process-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const ready = `process.send({ kind: 'event', name: 'ready', payload: { node: process.versions.node, pid: process.pid } });`;
let made = 0;

function start(code: string, startTimeoutMs = 20_000) {
  const workerFile = path.join(folder, `worker${made++}.js`);
  writeFileSync(workerFile, code);
  const nodePath = process.execPath;
  return TrainerProcess.start({ workerFile, nodePath, startTimeoutMs, stopTimeoutMs: 300 });
}

async function started(code: string): Promise<TrainerProcess> {
  const trainer = await start(`${ready}\n${code}`);
  if (!trainer.ok) throw new Error(trainer.problem.reason);
  return trainer.value;
}

function isGone(pid: number | null): boolean {
  try {
    process.kill(pid ?? -1, 0);
    return false;
  } catch {
    return true;
  }
}

describe('a training process', () => {
  it('that is not there, dies at once or never gets ready is told', async () => {
    const missing = await TrainerProcess.start({ workerFile: path.join(folder, 'none.js') });
    expect(missing).toMatchObject({ ok: false, problem: { reason: 'workerMissing' } });
    const dead = await start(`throw new TypeError('planted');`);
    expect(dead).toMatchObject({ ok: false, problem: { reason: 'workerNotStarted' } });
    expect(JSON.stringify(dead)).toContain('TypeError: planted');
    const silent = await start(`setInterval(() => {}, 1000);`, 300);
    expect(silent).toMatchObject({ ok: false, problem: { reason: 'workerSilent' } });
  });

  it('whose rehearsal of the model does not end in time is told apart from one that is silent', async () => {
    const slow = await started(`process.on('message', () => {
      process.send({ kind: 'event', name: 'running', payload: { kind: 'rehearsal' } });
      setTimeout(() => { while (true); }, 50); });`);
    const answer = await slow.call('evaluate', { trial: 'a' }, 1500);
    if (answer.kind !== 'late') throw new Error(answer.kind);
    expect(silence(1500, answer.running)).toMatchObject({ reason: 'rehearsalSilent' });
    expect(silence(1500, undefined)).toMatchObject({ reason: 'workerSilent' });
    expect(silence(1.2, undefined)).toMatchObject({ values: { seconds: 0.001 } });
  });

  it('that dies in a call answers it with its death', async () => {
    const killed = await started(
      `process.on('message', () => process.kill(process.pid, 'SIGKILL'));`,
    );
    const answer = await killed.call('evaluate', { trial: 'a' });
    expect(answer).toMatchObject({ kind: 'died', death: { signal: 'SIGKILL' } });
    // Somebody killed it while there was memory.
    expect(answer.kind === 'died' && looksLikeOutOfMemory(answer.death)).toBe(false);
    expect(killed.alive).toBe(false);
    expect(await killed.call('evaluate', { trial: 'a' })).toMatchObject({ kind: 'died' });
  });

  it('that answers garbage or refuses is told apart from a death', async () => {
    const garbage = await started(`process.on('message', ({ id }) => {
      process.send('garbage'); process.send({ kind: 'answer', id, output: { nonsense: 1 } }); });`);
    expect(await garbage.call('evaluate', { trial: 'a' })).toMatchObject({ kind: 'refused' });
    expect(garbage.alive).toBe(true);
    await garbage.stop();
    const refusing = await started(`process.on('message', ({ id }) =>
      process.send({ kind: 'refusal', id, message: 'no' }));`);
    expect(await refusing.call('evaluate', { trial: 'a' })).toEqual({
      kind: 'refused',
      message: 'no',
    });
    await refusing.stop();
  });

  it('that does not answer in time is ended', async () => {
    const mute = await started(`process.on('message', () => {});`);
    expect(await mute.call('evaluate', { trial: 'a' }, 200)).toEqual({ kind: 'late' });
    expect(isGone(mute.pid)).toBe(true);
  });

  it.each([
    ['leaves by itself', `process.on('disconnect', () => process.exit(0));`],
    ['must be terminated', `setInterval(() => {}, 1000);`],
    ['must be killed', `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000);`],
    ['is busy and hears nothing', `process.on('message', () => { for (;;); });`],
  ])('that %s is gone after stop', async (_, code) => {
    const trainer = await started(code);
    await trainer.stop();
    expect(isGone(trainer.pid)).toBe(true);
    await trainer.stop();
  });
});

describe('the Node that trains', () => {
  it('is the setting where there is one, and must be a Node', async () => {
    expect(await findNode(process.execPath)).toMatchObject({
      ok: true,
      value: { version: process.versions.node },
    });
    const missing = await findNode(path.join(folder, 'no-such-node'));
    expect(missing).toMatchObject({ ok: false, problem: { reason: 'nodeSettingMissing' } });
    expect(await findNode()).toMatchObject({ ok: true });
  });
});
