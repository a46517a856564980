import { wordsOf } from '../../names';
import type { Library } from '../../site';
import { at, named, none, optimizer, optimizerNames, type Api } from './api';
import { isDataset, isWindow } from './datasets';
import { javascriptApi } from './javascriptApis';
import { libraryOf } from '../program/frameworks';
import { imports } from './imports';
import { lastName } from '../program/passThrough';
import type { Program } from '../program/program';
import type { CallExpr, Expr } from '../read/syntax';

const kerasFit: Api = {
  library: 'keras',
  role: 'trains',
  parameters: { batchSize: at(2, 'batch_size', 32), epochs: at(3, 'epochs nb_epoch', 1) },
  samples: 0,
  options: null,
};
/** Tuners hand their arguments on to `fit`, trial by trial. */
const kerasSearch: Api = { ...kerasFit, searches: true };
/** https://autokeras.com/auto_model/: up to 1,000 epochs, and a fifth of the samples for validation. */
const autoKerasFit: Api = {
  ...kerasSearch,
  parameters: { batchSize: at(null, 'batch_size', 32), epochs: at(null, 'epochs') },
  validationSplit: 0.2,
};
const kerasGenerator: Api = { ...kerasFit, parameters: { epochs: at(2, 'epochs nb_epoch', 1) } };
const loader: Api = {
  ...none,
  library: 'pytorch',
  role: 'batches',
  parameters: { batchSize: at(1, 'batch_size') },
  samples: 0,
};
const trainerSettings: Api = {
  ...none,
  library: 'transformers',
  role: 'settings',
  parameters: {
    batchSize: {
      ...at(null, 'per_device_train_batch_size per_gpu_train_batch_size', 8),
      counts: 'perDevice',
    },
    accumulation: at(null, 'gradient_accumulation_steps', 1),
    epochs: at(null, 'num_train_epochs', 3),
    learningRate: at(null, 'learning_rate', 5e-5),
  },
};
/** TRL's trainers that generate completions of prompts, and count those. */
const onlineSettings: Api = {
  ...trainerSettings,
  parameters: {
    ...trainerSettings.parameters,
    batchSize: {
      ...at(null, 'per_device_train_batch_size per_gpu_train_batch_size', 8),
      counts: 'completions',
    },
    learningRate: at(null, 'learning_rate', 1e-6),
  },
};
/** https://huggingface.co/docs/setfit/reference/trainer#setfit.TrainingArguments */
const setfitSettings: Api = {
  ...none,
  library: 'transformers',
  role: 'settings',
  parameters: {
    batchSize: at(null, 'batch_size', 16),
    epochs: at(null, 'num_epochs', 1),
  },
};
/** TRL's older settings, which are no `TrainingArguments`. */
const diffusionSettings: Api = {
  ...none,
  library: 'transformers',
  role: 'settings',
  parameters: {
    batchSize: { ...at(null, 'train_batch_size'), counts: 'perDevice' },
    accumulation: at(null, 'train_gradient_accumulation_steps'),
    epochs: at(null, 'num_epochs'),
    learningRate: at(null, 'train_learning_rate'),
  },
};
/** Of `trl`, the settings of trainers; others (`DatasetMixtureConfig`, `ModelConfig`) take none of these. */
const trlTrainers = new Set(
  'SFT DPO KTO ORPO CPO BCO PPO PPOv2 GKD GOLD XPO NashMD OnlineDPO Reward PRM MiniLLM SDFT OnPolicy'.split(
    ' ',
  ),
);
const trlOnline = new Set(['GRPO', 'RLOO']);
const trlDiffusion = new Set(['DDPO', 'AlignProp']);

/** What a call of `trl` takes, by the name of its settings; null for settings of no trainer. */
function trlSettings(name: string): Api | null {
  if (!name.endsWith('Config')) return null;
  const trainer = name.slice(0, -'Config'.length);
  if (trlOnline.has(trainer)) return onlineSettings;
  if (trlDiffusion.has(trainer)) return diffusionSettings;
  return trlTrainers.has(trainer) ? trainerSettings : null;
}

/** https://trlx.readthedocs.io/en/latest/configs.html: every process of Accelerate has a loader. */
const trlxSettings: Api = {
  ...none,
  library: 'pytorch',
  role: 'settings',
  parameters: {
    batchSize: { ...at(null, 'batch_size'), counts: 'perDevice' },
    epochs: at(null, 'epochs'),
  },
};
/** Its `global_batch_size` is told by name. */
const nemoData: Api = {
  ...none,
  library: 'lightning',
  role: 'batches',
  parameters: { batchSize: { ...at(null, 'micro_batch_size'), counts: 'microbatch' } },
};

const estimator: Api = {
  ...none,
  library: 'sklearn',
  role: 'settings',
  parameters: {
    batchSize: at(null, 'batch_size'),
    epochs: at(null, 'max_iter'),
    learningRate: at(null, 'learning_rate_init'),
  },
};
/** Python calls by full name. */
const pythonCalls: Record<string, Api> = {
  'torch.utils.data.DataLoader': loader,
  'torchdata.stateful_dataloader.StatefulDataLoader': loader,
  'torch_geometric.loader.DataLoader': loader,
  'torch_geometric.data.DataLoader': loader,
  'torch_geometric.loader.NeighborLoader': named('pytorch'),
  'monai.data.DataLoader': loader,
  'monai.data.ThreadDataLoader': loader,
  'mxnet.gluon.data.DataLoader': { ...loader, library: 'unknown' },
  'paddle.io.DataLoader': { ...named('unknown'), samples: 0 },
  'webdataset.WebLoader': loader,
  'ffcv.loader.Loader': { ...named('pytorch', 1), samples: 0 },
  'torch_geometric.loader.ClusterLoader': loader,
  'torch_geometric.loader.LinkNeighborLoader': named('pytorch'),
  'dgl.dataloading.DataLoader': named('pytorch'),
  'dgl.dataloading.GraphDataLoader': named('pytorch'),
  'torch.utils.data.BatchSampler': named('pytorch', 1),
  'torch.utils.data.sampler.BatchSampler': named('pytorch', 1),
  'timm.data.create_loader': named('pytorch'),
  'keras.utils.image_dataset_from_directory': named('keras'),
  'keras.preprocessing.image_dataset_from_directory': named('keras'),
  'keras.utils.text_dataset_from_directory': named('keras'),
  'keras.preprocessing.text_dataset_from_directory': named('keras'),
  'keras.utils.audio_dataset_from_directory': named('keras'),
  'keras.utils.timeseries_dataset_from_array': named('keras'),
  'keras.preprocessing.timeseries_dataset_from_array': named('keras'),
  'keras.preprocessing.sequence.TimeseriesGenerator': named('keras'),
  'tensorflow_datasets.load': named('tensorflow'),
  'tensorflow.train.batch': named('tensorflow', 1),
  'tensorflow.train.shuffle_batch': named('tensorflow', 1),
  'grain.python.Batch': named('jax', 0),
  'grain.Batch': named('jax', 0),
  'sklearn.neural_network.MLPClassifier': estimator,
  'sklearn.neural_network.MLPRegressor': estimator,
  'skorch.NeuralNetClassifier': {
    ...estimator,
    library: 'pytorch',
    parameters: {
      batchSize: at(null, 'batch_size', 128),
      epochs: at(null, 'max_epochs', 10),
      learningRate: at(null, 'lr', 0.01),
    },
  },
  'accelerate.Accelerator': {
    ...none,
    library: 'pytorch',
    role: 'devices',
    parameters: { accumulation: at(null, 'gradient_accumulation_steps', 1) },
  },
  'lightning.Trainer': {
    ...none,
    library: 'lightning',
    role: 'trains',
    parameters: {
      epochs: at(null, 'max_epochs', 1000),
      accumulation: at(null, 'accumulate_grad_batches', 1),
    },
  },
};

const fastaiLoaders = new Set([
  'dataloaders',
  'from_folder',
  'from_name_func',
  'from_name_re',
  'from_path_func',
  'from_path_re',
  'from_csv',
  'from_df',
  'from_lists',
  'from_dsets',
  'from_dblock',
  'from_label_func',
  'DataLoader',
  'TfmdDL',
]);
const reinforcement = new Set(['PPO', 'DQN', 'SAC', 'TD3', 'DDPG', 'RecurrentPPO', 'MaskablePPO']);
/** What a call of a known library does with batch sizes and the like; null for all others. */
export function apiOf(program: Program, call: CallExpr): Api | null {
  return program.language === 'python' ? pythonApi(program, call) : javascriptApi(program, call);
}

function pythonApi(program: Program, call: CallExpr): Api | null {
  const qualified = program.qualify(call.callee);
  if (qualified === 'functools.partial') return partialApi(program, call);
  if (qualified === 'random.sample') return drawApi(program, call);
  if (qualified !== null) {
    if (Object.hasOwn(pythonCalls, qualified)) return pythonCalls[qualified] ?? null;
    const library = libraryOf(qualified);
    const name = qualified.slice(qualified.lastIndexOf('.') + 1);
    const found = library && libraryCall(library, qualified, name);
    if (found) return found;
  }
  // A subclass of a library's settings (`class MyArguments(TrainingArguments)`) takes the same.
  const made = program.classOf(call.callee) ? program.origin(call) : null;
  const settings = made && libraryCall('transformers', made, made.slice(made.lastIndexOf('.') + 1));
  if (settings) return settings;
  return pythonMethod(program, call);
}

/** `random.sample(memory, 64)` */
function drawApi(program: Program, { args: [first] }: CallExpr): Api | null {
  return first && isReplay(first.value) ? replayDraw(program, 1) : null;
}

function replayDraw({ libraries }: Program, position: number): Api {
  return { ...named(libraries.has('pytorch') ? 'pytorch' : 'unknown', position), draws: true };
}

/** `partial(DataLoader, batch_size=8)`: what stands before it in the call it completes is not known. */
function partialApi(program: Program, { args }: CallExpr): Api | null {
  const [first] = args;
  const qualified = first && first.keyword === null ? program.qualify(first.value) : null;
  const known = qualified !== null && Object.hasOwn(pythonCalls, qualified);
  const api = known ? pythonCalls[qualified] : undefined;
  return api?.role === 'batches' ? named(api.library) : null;
}

function libraryCall(library: Library, qualified: string, name: string): Api | null {
  if (library === 'transformers') {
    if (qualified.startsWith('setfit.'))
      return name === 'TrainingArguments' ? setfitSettings : null;
    if (name.endsWith('TrainingArguments')) return trainerSettings;
    return qualified.startsWith('trl.') ? trlSettings(name) : null;
  }
  if (qualified.startsWith('stable_baselines3.') || qualified.startsWith('sb3_contrib.')) {
    if (!reinforcement.has(name)) return null;
    const parameters = { batchSize: at(null, 'batch_size'), learningRate: at(2, 'learning_rate') };
    return { ...none, library: 'pytorch', role: 'settings', parameters };
  }
  if (qualified.startsWith('trlx.') && name === 'TrainConfig') return trlxSettings;
  if (qualified.startsWith('nemo.collections.') && name.endsWith('DataModule')) return nemoData;
  if (library === 'fastai' && fastaiLoaders.has(name))
    return named('fastai', null, 'bs batch_size');
  if (!optimizerNames.has(name.toLowerCase()) && !name.endsWith('Optimizer')) return null;
  if (qualified.startsWith('torch.optim.')) return optimizer('pytorch', 1, 'lr');
  if (qualified.startsWith('transformers.')) return optimizer('pytorch', 1, 'lr');
  if (qualified.startsWith('keras.optimizers.')) return optimizer('keras', 0, 'learning_rate lr');
  if (qualified.startsWith('tensorflow.train.')) return optimizer('tensorflow', 0, 'learning_rate');
  if (qualified.startsWith('optax.')) return optimizer('jax', 0, 'learning_rate');
  return null;
}

const generators = new Set(['flow', 'flow_from_directory', 'flow_from_dataframe']);

function pythonMethod(program: Program, call: CallExpr): Api | null {
  const { callee } = call;
  if (callee.type !== 'member') return null;
  const name = callee.property;
  switch (name) {
    case 'fit':
    case 'fit_generator':
    case 'train_on_batch':
    case 'fine_tune':
    case 'fit_one_cycle':
    case 'fit_flat_cos':
      return pythonFit(program, call, callee.object, name);
    case 'search': {
      const origin = program.origin(callee.object);
      return origin !== null && libraryOf(origin) === 'keras' ? kerasSearch : null;
    }
    case 'batch':
    case 'padded_batch':
    case 'ragged_batch':
      return isDataset(program, callee.object, call) && !isWindow(program, callee.object)
        ? named('tensorflow', 0)
        : null;
    case 'train': {
      const origin = program.origin(callee.object);
      if (!origin?.startsWith('ultralytics.')) return null;
      const parameters = {
        batchSize: at(null, 'batch', 16),
        epochs: at(null, 'epochs', 100),
        learningRate: at(null, 'lr0', 0.01),
      };
      return { ...none, library: 'ultralytics', role: 'trains', parameters };
    }
    case 'dataloaders':
      return imports(program, 'fastai') ? named('fastai', null, 'bs batch_size') : null;
    case 'batched':
      return isWebDataset(program, callee.object) ? named('pytorch', 0) : null;
    case 'sample':
      // A replay buffer: what is drawn from it makes one update.
      return isReplay(callee.object) && call.args.length > 0 ? replayDraw(program, 0) : null;
    case 'to_dataloader':
      return imports(program, 'pytorch') ? named('pytorch') : null;
    case 'to_tf_dataset':
    case 'prepare_tf_dataset':
      return named('tensorflow');
    case 'next_batch': {
      const whole = lastName(callee.object);
      return whole === 'train' && imports(program, 'tensorflow') ? named('tensorflow', 0) : null;
    }
    default:
      if (!generators.has(name)) return null;
      return isGenerator(program, callee.object)
        ? named('keras', name === 'flow' ? 2 : name === 'flow_from_directory' ? 5 : null)
        : null;
  }
}

/** `wds.WebDataset(urls).shuffle(100).batched(64)` */
function isWebDataset(program: Program, object: Expr): boolean {
  return program.origin(object)?.startsWith('webdataset.') ?? false;
}

/** `self.replay_buffer.sample(64)`; of other objects, a sample is drawn from a distribution. */
function isReplay(object: Expr): boolean {
  const words = wordsOf(lastName(object));
  return words.some((word) => replays.has(word));
}
const replays = new Set(['replay', 'buffer', 'buf', 'memory', 'replaybuffer', 'rb', 'rpm']);

function isGenerator(program: Program, object: Expr): boolean {
  const origin = program.origin(object);
  if (origin !== null) return origin.endsWith('ImageDataGenerator');
  return imports(program, 'keras') && lastName(object).toLowerCase().includes('gen');
}

function pythonFit(program: Program, call: CallExpr, object: Expr, name: string): Api | null {
  const library = libraryOf(program.origin(object));
  if (library === 'sklearn') return null;
  if (library === 'fastai' || (library === null && imports(program, 'fastai'))) {
    if (name === 'fit_generator' || name === 'train_on_batch') return null;
    const parameters = {
      epochs: at(0, 'n_epoch n_epochs epochs'),
      learningRate: at(1, 'lr lr_max base_lr'),
    };
    return { ...none, library: 'fastai', role: 'trains', parameters };
  }
  const keras = library === 'keras' || library === 'tensorflow';
  const likely =
    library === null &&
    (imports(program, 'keras') || imports(program, 'tensorflow')) &&
    (!imports(program, 'sklearn') || hasKerasKeywords(call));
  if (!keras && !likely) return null;
  // Other packages fit too (`ImageOps.fit(image, size)`): only what Keras alone is given counts.
  const origin = program.origin(object);
  const elsewhere = library === null && origin !== null && !origin.startsWith('.');
  if (elsewhere && !hasKerasKeywords(call)) return null;
  if (name === 'fit') return origin?.startsWith('autokeras.') ? autoKerasFit : kerasFit;
  if (name === 'fit_generator') return kerasGenerator;
  return name === 'train_on_batch' ? { ...kerasFit, parameters: {} } : null;
}

const kerasKeywords = new Set([
  'batch_size',
  'epochs',
  'validation_data',
  'validation_split',
  'callbacks',
  'steps_per_epoch',
  'verbose',
  'nb_epoch',
]);

function hasKerasKeywords(call: CallExpr): boolean {
  return call.args.some(({ keyword }) => keyword !== null && kerasKeywords.has(keyword));
}
