import { reshape, sum, tidy, Tile, type GradConfig, type Tensor } from '@tensorflow/tfjs-core';

/** Neighbouring axes of a tiled tensor as one: the repeats, which are added up, or what is kept. */
interface Run {
  readonly repeats: boolean;
  length: number;
}

/** As tfjs-core declares the attribute of a tile. */
interface TileAttrs {
  readonly reps: readonly number[];
}

/**
 * Adds up the repeats of a tiled tensor of any rank. tfjs's own gradient cuts out one repeat after
 * another: a layer normalization of a batch of sequences has as many as the batch has places, so
 * that a step with it took minutes.
 */
export const tileGradient: GradConfig = {
  kernelName: Tile,
  inputsToSave: ['x'],
  gradFunc: (dy, saved, attrs) => ({
    x: () =>
      tidy(() => {
        const [x] = saved;
        if (!x) throw new Error('A tile has an input.');
        const runs = runsOf(x.shape, (attrs as unknown as TileAttrs).reps);
        const parts = reshape(
          dy as Tensor,
          runs.map(({ length }) => length),
        );
        const repeats = runs.flatMap(({ repeats }, axis) => (repeats ? [axis] : []));
        return reshape(repeats.length === 0 ? parts : sum(parts, repeats), x.shape);
      }),
  }),
};

function runsOf(shape: readonly number[], reps: readonly number[]): Run[] {
  const runs: Run[] = [];
  const put = (repeats: boolean, length: number) => {
    const last = runs.at(-1);
    if (length === 1) return;
    if (last?.repeats === repeats) last.length *= length;
    else runs.push({ repeats, length });
  };
  shape.forEach((length, axis) => {
    put(true, reps[axis] ?? 1);
    put(false, length);
  });
  return runs;
}
