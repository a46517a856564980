import { fork, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const script = new URL('./torchSubject.py', import.meta.url).pathname;

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
export function startNode(file) {
  const child = fork(file, { silent: true });
  child.stdout.resume();
  return asker(
    child,
    (message) => child.send(message),
    (hear) => child.on('message', hear),
  );
}

/** A subject in Python: `BATCHWISE_PYTHON`, else python3; with 0 threads it takes all cores. */
export function startTorch(threads) {
  const env = { ...process.env };
  if (threads > 0)
    Object.assign(env, { OMP_NUM_THREADS: `${threads}`, MKL_NUM_THREADS: `${threads}` });
  const child = spawn(process.env.BATCHWISE_PYTHON || 'python3', [script], { env });
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
