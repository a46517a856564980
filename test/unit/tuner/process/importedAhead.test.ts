import { describe, expect, it } from 'vitest';
import { importedAhead } from '../../../../src/tuner/process/forkServer';

describe('what is imported before a script runs', () => {
  const none = () => false;

  it('is what its top lines import of slow packages, in their order', () => {
    const source = [
      'import argparse',
      'import numpy as np',
      'import torch.nn as nn',
      'from transformers import Trainer, TrainingArguments as Arguments',
      'from torch.utils.data import (',
      '    DataLoader,',
      ')',
      'def main():',
      '    import pandas',
    ].join('\n');
    expect(importedAhead(source, none)).toEqual([
      ...['numpy', 'torch.nn', 'transformers', 'transformers:Trainer'],
      ...['transformers:TrainingArguments', 'torch.utils.data'],
    ]);
  });

  it('is nothing where variables may be set that those packages read', () => {
    expect(importedAhead('import os\nos.environ["A"] = "1"\nimport torch', none)).toEqual([]);
    expect(importedAhead('import settings\nimport torch', (name) => name === 'settings')).toEqual(
      [],
    );
    expect(importedAhead('from .settings import x\nimport torch', none)).toEqual([]);
  });
});
