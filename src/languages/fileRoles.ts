import { wordsOf } from './names';

/**
 * What the name of a file says that its program does: it trains, is a test, does other work, or may do
 * that: a demo, or what a task is named after.
 */
export type FileRole = 'training' | 'test' | 'otherWork' | 'maybeOtherWork';

const set = (words: string): ReadonlySet<string> => new Set(words.split(' '));

const trainingWords = set(
  'train training pretrain pretraining finetune finetuning sft dpo ppo grpo rloo',
);
/** What is made for a training by a program that trains nothing: `prepare_train_data.py`. */
const dataWords = set(
  'data dataset datasets tokenizer vocab bpe prepare create make build download preprocess split utils util',
);
const otherWork = set(
  'eval evaluate evaluating infer inference predict predicting generate validate',
);
/** After these, what trains is named, too: `demo_config.py`, `text_generation.py`. */
const maybeOtherWork = set(
  'demo sample prediction predictions generation validation benchmark benchmarks bench latency throughput flops',
);
const otherPrograms = set(
  'sampling export convert converter extract visualize visualise visualization plot plots plotting test',
);
const settingsWords = set(
  'config configs configuration settings args arguments options params parameters hparams',
);
const learningWords = set('fit fine learn learning trainer trainers');

/**
 * @param fileName without its folder; null for a document without a name
 * @returns null where the name says nothing
 */
export function roleOfFile(fileName: string | null): FileRole | null {
  if (fileName === null) return null;
  const words = wordsOf(fileName);
  // The extension is no word of the name.
  if (fileName.lastIndexOf('.') > 0) words.pop();
  const has = (some: ReadonlySet<string>): boolean => words.some((word) => some.has(word));
  const [first] = words;
  const last = words.at(-1);
  const trains = has(trainingWords) || has(learningWords);
  const ends = last === 'test' || last === 'tests' || last === 'spec';
  if (first === 'conftest') return 'test';
  if (words.length > 1 && (first === 'test' || (ends && !trains))) return 'test';
  if (trains) return has(trainingWords) && !has(dataWords) && !has(otherWork) ? 'training' : null;
  if (has(otherWork)) return 'otherWork';
  if (has(settingsWords)) return null;
  if (has(otherPrograms)) return 'otherWork';
  return has(maybeOtherWork) ? 'maybeOtherWork' : null;
}
