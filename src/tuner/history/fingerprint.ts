import { createHash } from 'node:crypto';
import type { AnyConfig } from '../../config/schema';
import type { Prepared } from '../../protocol/trainer';

/**
 * A hash of all that a measurement depends on: the bytes of model and data, the training settings,
 * backend, device and versions. Equal fingerprints mean that finished trials can be kept.
 */
export function fingerprintOf(config: AnyConfig, prepared: Prepared): string {
  const { training, data, model, trainer } = config;
  const { backend, contentHash, loss, optimizer, learningRate } = prepared;
  const { targetMetric, targetOutput, targetLoss, learningRateScaling, memoryLimit } =
    config.tuning;
  const parts = {
    training,
    data,
    model,
    trainer,
    tuning: { targetMetric, targetOutput, targetLoss, learningRateScaling, memoryLimit },
    backend: { name: backend.name, device: backend.device, versions: backend.versions },
    resolved: { loss, optimizer, learningRate },
    contentHash,
  };
  return createHash('sha256')
    .update(JSON.stringify(sorted(parts)))
    .digest('hex');
}

/** A hash of what a whole result depends on: the fingerprint, and what was asked for. */
export function inputsOf(
  fingerprint: string,
  asked: {
    readonly objective: string;
    readonly ladder: readonly number[];
    readonly configured: unknown;
  },
): string {
  return createHash('sha256')
    .update(JSON.stringify([fingerprint, sorted(asked)]))
    .digest('hex');
}

/** Keys in order, so that a moved line in the config changes nothing. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, each]) => [key, sorted(each)]),
  );
}
