import { ensureBuild } from '../../scripts/project.mjs';

/** The tests run what is in dist/: build it once before them, where it is missing or stale. */
export async function setup() {
  await ensureBuild();
}
