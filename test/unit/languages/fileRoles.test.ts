import { expect, it } from 'vitest';
import { roleOfFile } from '../../../src/languages/fileRoles';

it.each([
  ['test_loader.py', 'test'],
  ['loader_test.py', 'test'],
  ['loader.spec.ts', 'test'],
  ['test_trainer.py', 'test'],
  ['conftest.py', 'test'],
  ['eval.py', 'otherWork'],
  ['run_inference.py', 'otherWork'],
  ['eval_config.yaml', 'otherWork'],
  ['demo.py', 'maybeOtherWork'],
  ['text_generation.yaml', 'maybeOtherWork'],
  ['convert_weights.py', 'otherWork'],
  ['test.py', 'otherWork'],
  ['demo_config.py', null],
  ['train_and_evaluate.py', null],
  ['train_test.py', 'training'],
  ['finetune_demo.py', 'training'],
  ['prepare_train_data.py', null],
  ['trainer.py', null],
  ['main.py', null],
] as const)('%s', (name, role) => {
  expect(roleOfFile(name)).toBe(role);
});

it('a document without a name says nothing', () => {
  expect(roleOfFile(null)).toBeNull();
});
