import { wordsOf } from './names';

/** What the name of a file says that its program does: it trains, is a test, or does other work. */
export type FileRole = 'training' | 'test' | 'otherWork';

const set = (words: string): ReadonlySet<string> => new Set(words.split(' '));

const trainingWords = set(
  'train training pretrain pretraining finetune finetuning sft dpo ppo grpo rloo',
);
/** What is made for a training by a program that trains nothing: `prepare_train_data.py`. */
const dataWords = set(
  'data dataset datasets tokenizer vocab bpe prepare create make build download preprocess split utils util',
);
const otherWork = set(
  'eval evaluate evaluating infer inference predict predicting prediction predictions generate generation validate validation benchmark benchmarks bench',
);
/** After these, configurations of trainings are named, too: `demo_config.py`, `sample_args.py`. */
const otherPrograms = set(
  'demo sample sampling export convert converter extract visualize visualise visualization plot plots plotting test latency throughput flops',
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
  return has(otherPrograms) && !has(settingsWords) ? 'otherWork' : null;
}
