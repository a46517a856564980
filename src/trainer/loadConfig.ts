import type { Result } from '../core/problem';
import { loadDataset } from './data/loadDataset';
import type { Loaded, LoadInput } from './loaded';
import { loadModel } from './model/loadModel';
import { tf } from './tf';

/** Reads a config's data and model, and checks one against the other. */
export async function loadConfig({
  config,
  configFile,
  root,
  seed,
}: LoadInput): Promise<Result<Loaded>> {
  const dataset = await loadDataset(config, { configFile, root, seed, tf });
  if (!dataset.ok) return dataset;
  return loadModel({ config, configFile, root }, dataset.value);
}
