export const median = (values) => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

export const megabytes = (bytes) => (bytes ? (bytes / 1e6).toFixed(1) : '–');

const dense = ['dense', 'narrow'];

/** What the trainer must reach, as ratios of samples per second. */
const targets = [
  {
    text: 'wasm dense 512 ≥ 3× stock',
    backend: 'wasm',
    models: dense,
    batch: 512,
    to: 'stock',
    least: 3,
  },
  {
    text: 'wasm recurrent ≥ 6× stock',
    backend: 'wasm',
    models: ['lstm', 'gru', 'bilstm', 'simpleRnn'],
    to: 'stock',
    least: 6,
  },
  {
    text: 'wasm recurrent 512 ≥ 0.6× PyTorch, one thread',
    backend: 'wasm',
    models: ['lstm', 'gru', 'bilstm', 'simpleRnn'],
    batch: 512,
    to: 'torch1',
    least: 0.6,
  },
  {
    text: 'wasm cnn 512 ≥ 2.5× stock',
    backend: 'wasm',
    models: ['cnn'],
    batch: 512,
    to: 'stock',
    least: 2.5,
  },
  {
    text: 'wasm dense 8 ≥ 1.2× stock',
    backend: 'wasm',
    models: dense,
    batch: 8,
    to: 'stock',
    least: 1.2,
  },
  {
    text: 'tensorflow dense 8 ≥ 1.2× stock',
    backend: 'tensorflow',
    models: dense,
    batch: 8,
    to: 'stock',
    least: 1.2,
  },
  {
    text: 'tensorflow dense, cnn 512 ≥ 0.8× PyTorch, all cores',
    backend: 'tensorflow',
    models: ['dense', 'cnn'],
    batch: 512,
    to: 'torch',
    least: 0.8,
  },
  {
    text: 'tensorflow dense, cnn 512 ≥ 0.8× PyTorch, one thread each',
    backend: 'tensorflow',
    models: ['dense', 'cnn'],
    batch: 512,
    to: 'torch1',
    least: 0.8,
  },
  { text: 'every row ≥ 1× stock', to: 'stock', least: 1 },
];

/**
 * Each target with the lowest ratio among its rows; `met` is null where none was measured. Timings of
 * a GPU in software say nothing and are left out.
 */
export function judge(rows) {
  const judged = rows.filter(({ software }) => !software);
  return targets.map(({ text, backend, models, batch, to, least }) => {
    const ratios = judged
      .filter((row) => !backend || row.backend === backend)
      .filter((row) => !models || models.includes(row.workload))
      .filter((row) => !batch || row.batchSize === batch)
      .flatMap((row) => row.measured[to]?.ratio ?? []);
    const lowest = ratios.length > 0 ? Math.min(...ratios) : null;
    return { text, least, lowest, met: lowest === null ? null : lowest >= least };
  });
}

/** One line. */
export function summary(judged) {
  const parts = judged.map(({ text, lowest, met }) =>
    met === null
      ? `– ${text}: not run`
      : `${met ? '✓' : '✗'} ${text}: ${lowest?.toFixed(2) ?? 'a row did not run'}`,
  );
  return `targets: ${parts.join('; ')}`;
}
