import path from 'node:path';
import { backendNames, type BackendName } from '../core/sweep/result';
import { serve, type Port } from '../protocol/channel';
import { trainerContract } from '../protocol/trainer';
import type { Backend } from './backends/backend';
import { cpuBackend } from './backends/cpu';
import { tensorflowBackend } from './backends/tensorflow';
import { wasmBackend } from './backends/wasm';
import { webgpuBackend } from './backends/webgpu';
import { loadConfig } from './loadConfig';
import { onRunning } from './running';
import { end, leave, refuseToBeEnded, temporaryDataFolder, watchStarter } from './endOfProcess';
import { Session } from './session';

/** The training process: serves the trainer's contract to the process that forked it. */

const port: Port = {
  post: (message) => {
    // Once the host has exited, no process receives messages.
    if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
  },
  listen: (receive) => {
    process.on('message', receive);
    return () => process.off('message', receive);
  },
};

/** Says why on the channel, waits until that is sent, and ends. */
function die(error: unknown): void {
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const event = { kind: 'event', name: 'log', payload: { level: 'error', message } };
  const failed = () => end(1);
  if (process.connected) process.send?.(event, undefined, undefined, failed);
  else failed();
}

// Before any backend loads: Emscripten's own handlers would only throw the error again.
process.on('uncaughtException', die);
process.on('unhandledRejection', die);
process.on('disconnect', leave);
process.on('SIGTERM', () => end(0));

if (process.send) {
  const watched = watchStarter(path.join(__dirname, 'watchdog.js'));
  refuseToBeEnded();
  const backends: Record<BackendName, Backend> = {
    webgpu: webgpuBackend(__dirname),
    tensorflow: tensorflowBackend(),
    wasm: wasmBackend(__dirname),
    cpu: cpuBackend,
  };
  const inOrder = backendNames.map((name) => backends[name]);
  const session = new Session(inOrder, loadConfig, {
    bundles: __dirname,
    ownDataFolder: temporaryDataFolder,
    onReading: (step, fraction) => {
      channel.emit('reading', { step, fraction });
    },
  });
  const channel = serve(port, trainerContract, session.handlers);
  onRunning((running) => {
    channel.emit('running', running);
  });
  // From here on the starter can distinguish a stopped process from a slow one.
  void watched.then(() => {
    channel.emit('ready', { node: process.versions.node, pid: process.pid });
  });
} else {
  console.error('This is the training process of Batchwise; it is started by it, not by hand.');
  process.exitCode = 2;
}
