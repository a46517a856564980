import { expect, it } from 'vitest';
import { roleOfFile } from '../../../src/languages/fileRoles';
import { findSitesInCells } from '../../../src/languages/notebook';

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

it('a notebook is known by its name, too', () => {
  const text = [
    'import torch',
    'lr = 0.1',
    'batch_size = 40',
    'rows = torch.utils.data.DataLoader(lines, batch_size=batch_size)',
  ].join('\n');
  const cells = [{ id: '0', languageId: 'python', text }];
  expect(findSitesInCells(cells, 'look.ipynb').sites.map(({ value }) => value)).toContain(40);
  const { sites, inferences } = findSitesInCells(cells, 'evaluate.ipynb');
  expect(sites.filter(({ kind }) => kind === 'batchSize')).toEqual([]);
  expect(inferences.map(({ value }) => value)).toEqual([40]);
});
