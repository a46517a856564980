import { isCurrentEpoch, kindOfName } from '../names';
import type { Library } from '../site';
import type { Api } from './apis';
import { libraryOf } from './frameworks';
import { librariesOf } from './imports';
import { Pace } from './pace';
import { lastName } from './passThrough';
import type { Program } from './program';
import type { CallExpr } from './syntax';

const trainingCalls = new Set([
  'zero_grad',
  'value_and_grad',
  'GradientTape',
  'apply_gradients',
  'apply_updates',
  'train_step',
  'train_one_epoch',
  'trainOnBatch',
  'train_on_batch',
  'minimize',
  'fit',
  'fit_generator',
  'fitDataset',
  'fit_one_cycle',
  'variableGrads',
  'applyGradients',
  'compile',
  'TrainState',
  'configure_optimizers',
  'initialize_parallel_model',
]);
const inferenceCalls = new Set(['eval', 'no_grad', 'inference_mode']);

/** Packages that have batches of their own: rows, messages, requests. */
const foreignModules = [
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

/** What a program shows about itself: whether it trains, and with what. */
export interface Evidence {
  /** The machine-learning library it mostly uses; null when it imports none. */
  readonly library: Library | null;
  /** Names alone are believed: the program trains a model. */
  readonly trains: boolean;
  /** It runs a model and shows no sign of training. */
  readonly infersOnly: boolean;
}

const preference: readonly Library[] = [
  'lightning',
  'transformers',
  'fastai',
  'ultralytics',
  'pytorch',
  'jax',
  'keras',
  'tensorflow',
  'tfjs',
  'sklearn',
  'unknown',
];

export function* evidenceOf(
  program: Program,
  apis: ReadonlyMap<CallExpr, Api>,
): Generator<undefined, Evidence> {
  const libraries = librariesOf(program);
  const library = preference.find((name) => libraries.has(name)) ?? null;
  let acts = [...apis.values()].some(({ role }) => role !== 'batches');
  let infers = false;
  let differentiates = false;
  const pace = new Pace();
  for (const call of program.calls) {
    if (pace.isDue()) yield;
    const name = lastName(call.callee);
    acts ||=
      trainingCalls.has(name) && library !== null && library !== 'sklearn' && trains(program, call);
    infers ||= inferenceCalls.has(name);
    differentiates ||= name === 'backward';
  }
  // Tests of operators have gradients too; with batches of data it is a training.
  acts ||= differentiates && apis.size > 0 && library !== null;
  acts ||= program.chunks.some(
    ({ classes, functions }) =>
      functions.some(({ name }) => name === 'training_step' || name === 'configure_optimizers') ||
      classes.some(({ methods }) => methods.has('training_step')),
  );
  yield;
  const named = namesSettings(program);
  yield;
  const foreign = library === null && importsForeign(program);
  return {
    library,
    trains: library !== null ? acts || named : named && !foreign,
    infersOnly: infers && !acts && !named,
  };
}

/** `model.compile` and `model.fit`, but not `re.compile`, `torch.compile` and `ImageOps.fit`. */
function trains(program: Program, { callee }: CallExpr): boolean {
  const qualified = program.qualify(callee);
  if (lastName(callee) === 'compile') return qualified === null;
  return qualified === null || qualified.startsWith('.') || libraryOf(qualified) !== null;
}

/** Whether the program sets a number of epochs, a learning rate or gradient accumulation. */
function namesSettings(program: Program): boolean {
  const telling = (name: string): boolean => {
    const kind = kindOfName(name);
    if (kind === 'learningRate' || kind === 'accumulation') return true;
    return kind === 'epochs' && !isCurrentEpoch(name);
  };
  return (
    program.chunks.some(({ bindings }) =>
      bindings.some(
        ({ name, value }) => value !== null && value.type !== 'parameter' && telling(name),
      ),
    ) || program.declared().some(({ name }) => telling(name))
  );
}

function importsForeign(program: Program): boolean {
  const modules = program.chunks.flatMap((chunk) => [
    ...chunk.modules,
    ...chunk.bindings.flatMap(({ imported }) => (imported === null ? [] : [imported])),
  ]);
  for (const { args } of program.callsOf('require')) {
    const [first] = args;
    if (first?.value.type === 'string') modules.push(first.value.value);
  }
  return modules.some((module) =>
    foreignModules.some(
      (name) => module === name || module.startsWith(`${name}.`) || module.startsWith(`${name}/`),
    ),
  );
}
