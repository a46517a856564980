import type { ModelType } from '../sweep/result';

/** A published observation that a rule of thumb rests on. */
export interface Source {
  /** As people cite it: `Bengio 2012`. */
  readonly name: string;
  readonly address: string;
}

/** A size to start from where nothing was measured: an opinion with a source, not a measurement. */
interface RuleOfThumb {
  readonly batchSize: number;
  /** Sizes that are commonly used. */
  readonly usual: readonly [number, number];
  readonly source: Source;
  /** What kept it below the usual start, if anything did. */
  readonly limitedBy: 'dataset' | null;
}

/** "32 is a good default value", between 1 and a few hundred (section 3.1.1). */
const bengio2012: Source = {
  name: 'Bengio 2012',
  address: 'https://arxiv.org/abs/1206.5533',
};
/** Best results of image networks at sizes of 32 and less; gives the range of what works. */
const mastersLuschi2018: Source = {
  name: 'Masters & Luschi 2018',
  address: 'https://arxiv.org/abs/1804.07612',
};
/** Small-batch training takes 32 to 512 samples; much larger batches generalize worse. */
const keskar2016: Source = {
  name: 'Keskar et al. 2016',
  address: 'https://arxiv.org/abs/1609.04836',
};
/** Fine-tuning of transformers at 16 and 32 (appendix A.3). */
const devlin2018: Source = {
  name: 'Devlin et al. 2018',
  address: 'https://arxiv.org/abs/1810.04805',
};

const starts: Readonly<Record<ModelType, Omit<RuleOfThumb, 'limitedBy'>>> = {
  cnn: { batchSize: 64, usual: [32, 512], source: keskar2016 },
  rnn: { batchSize: 32, usual: [8, 64], source: bengio2012 },
  attention: { batchSize: 32, usual: [16, 32], source: devlin2018 },
  dense: { batchSize: 32, usual: [1, 256], source: bengio2012 },
  mixed: { batchSize: 32, usual: [2, 32], source: mastersLuschi2018 },
};

/** Fewer updates an epoch than this teach little about it. */
const fewestIterations = 8;

/**
 * A size to start from for a kind of model: a power of two, at most the data set, and small enough
 * that an epoch has several updates.
 * @param samples of an epoch; null where that is not known
 */
export function ruleOfThumb(type: ModelType, samples: number | null): RuleOfThumb {
  const start = starts[type];
  if (samples === null) return { ...start, limitedBy: null };
  const most = 2 ** Math.max(0, Math.floor(Math.log2(Math.max(1, samples / fewestIterations))));
  const limited = most < start.batchSize;
  return {
    ...start,
    batchSize: limited ? most : start.batchSize,
    limitedBy: limited ? 'dataset' : null,
  };
}
