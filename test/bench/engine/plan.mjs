/** What is measured: rows of a backend, a model and a batch size, and who takes turns in each. */

export const workloads = [
  ...['dense', 'narrow', 'cnn', 'attention', 'transformer'],
  ...['lstm', 'gru', 'bilstm', 'simpleRnn'],
];
/** Fast ones first: a quick run ends when its time does. */
export const backends = ['tensorflow', 'wasm', 'cpu', 'webgpu'];
const batchSizes = [8, 64, 512];

/** An epoch of each batch size: long enough to time, short enough to take turns. */
const samples = { quick: { 8: 128, 512: 1024 }, full: { 8: 256, 64: 768, 512: 1536 } };
/** Backends that are far slower get one small batch size: they are here for their ratio alone. */
const slow = { cpu: [8], webgpu: [8] };
const slowSamples = 32;

/** A quick run measures where targets are. */
function inQuick({ backend, workload, batchSize }) {
  if (backend === 'cpu') return workload === 'dense';
  const isRecurrent = ['gru', 'bilstm', 'simpleRnn'].includes(workload);
  if (isRecurrent) return backend === 'wasm' && workload === 'gru' && batchSize !== 64;
  if (backend === 'webgpu' || ['attention', 'transformer'].includes(workload)) return false;
  if (batchSize === 8) return workload === 'dense' || workload === 'narrow';
  return batchSize === 512 && !(backend === 'tensorflow' && workload === 'lstm');
}

/**
 * Ours and stock on all cores; PyTorch beside the backends for processors. Where a library takes
 * threads of its own, both are compared with all cores and again with one.
 */
function subjectsOf({ backend, batchSize }, quick) {
  const withTorch = !quick || batchSize === 512;
  if (backend === 'wasm') return ['ours', 'stock', ...(withTorch ? ['torch1'] : [])];
  if (backend === 'tensorflow') {
    return ['ours', 'stock', ...(withTorch ? ['torch', 'ours1', 'torch1'] : [])];
  }
  return ['ours', 'stock'];
}

/** Whom a subject's ratio is to. */
export function counterpart(subject, subjects) {
  return subject === 'torch1' && subjects.includes('ours1') ? 'ours1' : 'ours';
}

/** All rows of a run; `only` names a backend or a model where one was asked for. */
export function planRows({ quick, backend: onlyBackend, workload: onlyWorkload }) {
  const sizes = quick ? samples.quick : samples.full;
  return backends
    .flatMap((backend) =>
      workloads.flatMap((workload) =>
        (slow[backend] ?? batchSizes).map((batchSize) => ({ backend, workload, batchSize })),
      ),
    )
    .filter(({ backend }) => !onlyBackend || backend === onlyBackend)
    .filter(({ workload }) => !onlyWorkload || workload === onlyWorkload)
    .filter((row) => !quick || inQuick(row))
    .map((row) => ({
      ...row,
      samples: slow[row.backend] ? slowSamples : sizes[row.batchSize],
      subjects: subjectsOf(row, quick),
    }));
}
