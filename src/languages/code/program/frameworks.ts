import type { Library } from '../../site';

const pythonAliases: readonly (readonly [string, string])[] = [
  ['tensorflow.compat.v1', 'tensorflow'],
  ['tensorflow.compat.v2', 'tensorflow'],
  ['tensorflow.python.keras', 'keras'],
  ['tensorflow.keras', 'keras'],
  ['tf_keras', 'keras'],
  ['keras.src', 'keras'],
  ['keras.api', 'keras'],
  ['pytorch_lightning', 'lightning'],
  ['lightning.pytorch', 'lightning'],
  ['lightning.fabric', 'lightning'],
  ['nemo.lightning', 'lightning'],
  ['torch.utils.data.dataloader', 'torch.utils.data'],
];

/**
 * One name for what libraries call by several: `tensorflow.keras.X` is `keras.X`, and every package
 * of TensorFlow.js is `tfjs`. `local` is what the program calls it.
 */
export function canonicalModule(name: string, local: string): string {
  if (name.includes('@tensorflow/tfjs')) return afterPackage(name, '@tensorflow/tfjs');
  if (name.startsWith('.') && local === 'tf') return 'tfjs';
  for (const [from, to] of pythonAliases) {
    if (name === from) return to;
    if (name.startsWith(`${from}.`)) return to + name.slice(from.length);
  }
  return name;
}

/** `@tensorflow/tfjs-node.sequential` is `tfjs.sequential`; URLs and versions are part of the package. */
function afterPackage(name: string, start: string): string {
  const rest = name.slice(name.indexOf(start) + start.length);
  const path = rest.startsWith('-vis') ? 'tfvis' : 'tfjs';
  const dot = rest.lastIndexOf('.');
  const member = dot < 0 ? '' : rest.slice(dot + 1);
  const plain =
    member !== '' && !member.includes('/') && !startsWithDigit(member) && member !== 'js';
  return plain ? `${path}.${member}` : path;
}

function startsWithDigit(text: string): boolean {
  const code = text.charCodeAt(0);
  return code >= 48 && code <= 57;
}

const libraries: Record<string, Library> = {
  tfjs: 'tfjs',
  ml5: 'tfjs',
  '@teachablemachine': 'tfjs',
  keras: 'keras',
  keras_cv: 'keras',
  keras_nlp: 'keras',
  keras_hub: 'keras',
  autokeras: 'keras',
  keras_tuner: 'keras',
  kerastuner: 'keras',
  tensorflow: 'tensorflow',
  tensorflow_datasets: 'tensorflow',
  tflearn: 'tensorflow',
  torch: 'pytorch',
  torchvision: 'pytorch',
  torchaudio: 'pytorch',
  torchtext: 'pytorch',
  torchdata: 'pytorch',
  torch_geometric: 'pytorch',
  monai: 'pytorch',
  timm: 'pytorch',
  accelerate: 'pytorch',
  deepspeed: 'pytorch',
  fairseq: 'pytorch',
  skorch: 'pytorch',
  stable_baselines3: 'pytorch',
  pytorch_forecasting: 'pytorch',
  segmentation_models_pytorch: 'pytorch',
  ignite: 'pytorch',
  diffusers: 'pytorch',
  lightning: 'lightning',
  lightning_fabric: 'lightning',
  transformers: 'transformers',
  trl: 'transformers',
  trlx: 'pytorch',
  peft: 'transformers',
  sentence_transformers: 'transformers',
  setfit: 'transformers',
  unsloth: 'transformers',
  jax: 'jax',
  flax: 'jax',
  optax: 'jax',
  haiku: 'jax',
  equinox: 'jax',
  ml_collections: 'jax',
  grain: 'jax',
  fastai: 'fastai',
  ultralytics: 'ultralytics',
  sklearn: 'sklearn',
  tianshou: 'pytorch',
  sb3_contrib: 'pytorch',
  torchrl: 'pytorch',
  speechbrain: 'pytorch',
  composer: 'pytorch',
  llmfoundry: 'pytorch',
  megatron: 'pytorch',
  nemo: 'lightning',
  mmengine: 'pytorch',
  mmcv: 'pytorch',
  detectron2: 'pytorch',
  dgl: 'pytorch',
  webdataset: 'pytorch',
  ffcv: 'pytorch',
  pyannote: 'pytorch',
  d2l: 'unknown',
  darts: 'lightning',
  spinup: 'unknown',
  mxnet: 'unknown',
  paddle: 'unknown',
  mindspore: 'unknown',
  chainer: 'unknown',
  tinygrad: 'unknown',
  mlx: 'unknown',
};

/** The library a qualified name belongs to; null when it is no machine-learning library. */
export function libraryOf(qualified: string | null): Library | null {
  if (qualified === null) return null;
  const whole = canonicalModule(qualified, '');
  const slash = whole.startsWith('@teachablemachine/') ? '@teachablemachine' : whole;
  const dot = slash.indexOf('.');
  const head = dot < 0 ? slash : slash.slice(0, dot);
  return Object.hasOwn(libraries, head) ? (libraries[head] ?? null) : null;
}

/** Packages that have batches of their own: rows, messages, requests. */
export const foreignModules = [
  'sqlalchemy',
  'django',
  'psycopg2',
  'psycopg',
  'pymongo',
  'motor',
  'kafka',
  'confluent_kafka',
  'redis',
  'celery',
  'elasticsearch',
  'opensearchpy',
  'boto3',
  'pika',
  'peewee',
  'cassandra',
  'google.cloud',
  'azure',
  'airflow',
  'web3',
  'stripe',
  'prisma',
  '@prisma/client',
  'typeorm',
  'sequelize',
  'knex',
  'bullmq',
  'bull',
  'pg',
  'mysql',
  'mysql2',
  'mongodb',
  'mongoose',
  'kafkajs',
  'ioredis',
  'amqplib',
  'aws-sdk',
  '@aws-sdk',
  '@google-cloud',
  '@azure',
  'dataloader',
  'ethers',
  '@elastic/elasticsearch',
  'better-sqlite3',
  'sqlite3',
  'express',
  'fastify',
];
