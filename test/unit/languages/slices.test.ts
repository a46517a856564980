import { describe, expect, it } from 'vitest';
import { languageIds } from '../../../src/languages/languageIds';
import { loadLanguage, loadNotebook } from '../../../src/languages/load';
import { NotebookParser, findSitesInCells } from '../../../src/languages/notebook';
import { findInSlices } from '../../../src/languages/parsedDocument';
import { createParser, findSites } from '../../../src/languages/python';
import { samplesFor } from '../../../src/languages/site';

const block = (i: number): string => `
def run${i}(data, epochs=${i + 1}):
    loader = DataLoader(data, batch_size=${i + 8})
    for epoch in range(epochs):
        train(loader, torch.optim.Adam(model.parameters(), lr=0.001))
`;
const long = `import torch
from torch.utils.data import DataLoader
${Array.from({ length: 150 }, (_, i) => block(i)).join('')}`;

describe('findInSlices', () => {
  it('gives way between slices and finds what one go finds', async () => {
    const document = createParser();
    document.update(long, null);
    let gaps = 0;
    const found = await findInSlices(
      {
        update: (text, edits) => {
          document.update(text, edits);
        },
        work: () => document.work(0),
        get findings() {
          return document.findings;
        },
      },
      () => {
        gaps++;
        return Promise.resolve();
      },
    );
    expect(gaps).toBeGreaterThan(20);
    expect(found).toEqual(findSites(long));
  });

  it('stops when the document was edited meanwhile', async () => {
    const document = createParser();
    document.update(long, null);
    const slices = { ...document, update: () => undefined, findings: null, work: () => false };
    expect(
      await findInSlices(
        slices,
        () => Promise.resolve(),
        () => false,
      ),
    ).toBeNull();
    expect(document.findings).toBeNull();
  });
});

describe('a notebook', () => {
  const cells = [
    { id: 'a', languageId: 'python', text: `${long}\nBATCH = 48\n` },
    { id: 'b', languageId: 'python', text: 'DataLoader(run0, batch_size=BATCH)\n' },
  ];

  it('is searched in slices, too, with the same result', () => {
    const notebook = new NotebookParser();
    notebook.update(cells);
    let slices = 1;
    while (!notebook.work(0.05)) slices++;
    expect(slices).toBeGreaterThan(5);
    expect(notebook.findings).toEqual(findSitesInCells(cells));
  });

  it('starts anew when a cell changes during the search', () => {
    const notebook = new NotebookParser();
    notebook.update(cells);
    for (let i = 0; i < 40; i++) notebook.work(0.05);
    const edited = cells.map((cell) => ({ ...cell, text: cell.text.replace('48', '56') }));
    notebook.update(edited);
    while (!notebook.work(1));
    expect(notebook.findings).toEqual(findSitesInCells(edited));
  });
});

describe('samplesFor', () => {
  const of = (text: string): number | null => {
    const findings = findSites(text);
    return samplesFor(findings, findings.trainings[0] ?? null);
  };
  const keras = 'import numpy as np\nimport keras\nmodel = keras.Sequential()\n';

  it('takes the share kept for validation off what the call is given', () => {
    expect(of(`${keras}model.fit(np.ones((1000, 4)), y, validation_split=0.25)\n`)).toBe(750);
  });

  it('believes a comment only where the code tells no size', () => {
    const comment = '# batchwise: samples=60000\n';
    expect(of(`${keras}${comment}model.fit(np.ones((1000, 4)), y)\n`)).toBe(1000);
    expect(of(`${keras}${comment}num_train_samples = 500\nmodel.fit(x, y)\n`)).toBe(500);
    expect(of(`${keras}${comment}model.fit(x, y)\n`)).toBe(60000);
    const two = 'num_train_samples = 500\ntrain_size = 400\n';
    expect(of(`${keras}${comment}${two}model.fit(x, y)\n`)).toBe(60000);
  });

  it('takes the only size in the document, and none of two', () => {
    const fit = 'model.fit(x, y, epochs=2)\n';
    expect(of(`${keras}num_train_samples = 500\n${fit}`)).toBe(500);
    expect(of(`${keras}num_train_samples = 500\ntrain_size = 400\n${fit}`)).toBeNull();
    expect(of(`${keras}${fit}`)).toBeNull();
  });
});

describe('load', () => {
  it('has a module for every language and none for others', async () => {
    for (const languageId of languageIds) {
      const module = await loadLanguage(languageId);
      const document = module?.createParser(languageId, null);
      document?.update('', null);
      expect(document?.work(Infinity), languageId).toBe(true);
      expect(document?.findings?.sites).toEqual([]);
    }
    expect(await loadLanguage('rust')).toBeNull();
    expect(await loadLanguage('toString')).toBeNull();
  });

  it('loads the notebooks', async () => {
    const { findSitesInCells: find } = await loadNotebook();
    expect(find([]).sites).toEqual([]);
  });
});
