import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { cores, onThreads } from './threads.mjs';

const script = fileURLToPath(new URL('./torchSubject.py', import.meta.url));

/** What a process says last on its standard error, for when it ends without an answer. */
function lastWords(child) {
  let text = '';
  child.stderr.on('data', (chunk) => {
    text = (text + chunk).slice(-500);
  });
  return () => text.trim().split('\n').at(-1);
}

function asker(child, send, listen) {
  const words = lastWords(child);
  let waiting = null;
  const settle = (answer) => {
    const { resolve, reject } = waiting ?? {};
    waiting = null;
    if (answer?.error !== undefined) reject?.(new Error(String(answer.error)));
    else resolve?.(answer);
  };
  listen(settle);
  child.on('error', ({ message }) => settle({ error: message }));
  child.on('close', (code, signal) => settle({ error: words() || `ended with ${code ?? signal}` }));
  const ask = (message) =>
    new Promise((resolve, reject) => {
      if (child.exitCode !== null) return reject(new Error(words() || 'has ended'));
      waiting = { resolve, reject };
      send(message);
    });
  return { ask, end: () => child.kill() };
}

/** A subject in Node. */
export function startNode(file, { threads = cores, environment = {} } = {}) {
  const { command, env } = onThreads(threads, [process.execPath, file], environment);
  const [program, ...given] = command;
  const child = spawn(program, given, { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  child.stdout.resume();
  return asker(
    child,
    (message) => child.send(message),
    (hear) => child.on('message', hear),
  );
}

/** A subject in Python: `BATCHWISE_PYTHON`, else python3. */
export function startTorch(threads) {
  const python = process.env.BATCHWISE_PYTHON || 'python3';
  const { command, env } = onThreads(threads, [python, script]);
  const [program, ...given] = command;
  const child = spawn(program, given, { env });
  child.stdin.on('error', () => undefined);
  return asker(
    child,
    (message) => {
      const line = message === 'round' ? '"round"' : JSON.stringify({ ...message.begin, threads });
      child.stdin.write(`${line}\n`);
    },
    (hear) => createInterface(child.stdout).on('line', (line) => hear(JSON.parse(line))),
  );
}
