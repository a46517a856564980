/** What is fuzzed: every reader of what others wrote. */
export const targetNames = [
  'csv',
  'jsonl',
  'npy',
  'npz',
  'idx',
  'parquet',
  'arrow',
  'images',
  'keras',
  'hdf5',
  'topology',
  'toml',
  'sources',
  'config',
  'log',
  'result',
  'trainer',
  'panel',
  'python',
  'agents',
  'mcp',
] as const;

export type TargetName = (typeof targetNames)[number];
