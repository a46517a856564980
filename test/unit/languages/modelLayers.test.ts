import { describe, expect, it } from 'vitest';
import { layersOf } from '../../../src/languages/modelLayers';
import { findIn } from './corpusFiles';

/** The layers of each training's model, by the call that trains it. */
function layersIn(lines: readonly string[], languageId = 'python'): Record<string, string[]> {
  const findings = findIn(lines.join('\n'), languageId, 'models');
  const all: Record<string, string[]> = {};
  for (const training of findings.trainings)
    all[training.call.name] = layersOf(findings, training).map(({ className }) => className);
  return all;
}

const torch = ['import torch', 'from torch import nn', 'from torch.utils.data import DataLoader'];
const words = [
  'class Words(nn.Module):',
  '    def __init__(self):',
  '        self.embed = nn.Embedding(100, 8)',
  '        self.lstm = nn.LSTM(8, 16)',
];
const pictures = [
  'class Block(nn.Module):',
  '    def __init__(self):',
  '        self.conv = nn.Conv2d(3, 8, 3)',
  'class Pictures(nn.Module):',
  '    def __init__(self, kind=Block):',
  '        self.blocks = nn.ModuleList([Block() for _ in range(3)])',
  '        self.head = nn.Linear(8, 2)',
];
const update = [
  '    for x, y in loader:',
  '        optimizer.zero_grad()',
  '        nn.functional.cross_entropy(net(x), y).backward()',
  '        optimizer.step()',
];

describe('the layers of the model that is trained', () => {
  it('are those of the class that the training uses, and of the parts of that', () => {
    const train = [
      'def train(rows):',
      '    net = Pictures()',
      '    loader = DataLoader(rows, batch_size=64, shuffle=True)',
      '    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)',
      ...update,
    ];
    expect(layersIn([...torch, ...words, ...pictures, ...train])).toEqual({
      DataLoader: ['Conv2D', 'Dense'],
    });
  });

  it('are those of models that anything uses, where the training is given its model', () => {
    const train = [
      'def train(net, rows):',
      '    loader = DataLoader(rows, batch_size=64, shuffle=True)',
      '    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)',
      ...update,
      'def main():',
      '    train(Words(), load())',
    ];
    expect(layersIn([...torch, ...words, ...pictures, ...train])).toEqual({
      DataLoader: ['Embedding', 'LSTM'],
    });
  });

  it('are all there are, where nothing says which', () => {
    const train = ['loader = DataLoader(rows, batch_size=64, shuffle=True)', 'net = make(1)'];
    const found = layersIn([...torch, ...words, ...pictures, ...train, 'net(x).backward()']);
    expect(found).toEqual({ DataLoader: ['Embedding', 'LSTM', 'Conv2D', 'Dense'] });
  });

  it('are those of the function that makes the model', () => {
    const found = layersIn([
      'from tensorflow import keras',
      'from keras import layers',
      'def build_words():',
      '    return keras.Sequential([layers.Embedding(100, 8), layers.LSTM(16)])',
      'def build_pictures():',
      '    model = keras.Sequential()',
      '    model.add(layers.Conv2D(8, 3))',
      '    return model',
      'letters = build_words()',
      'letters.fit(a, b, batch_size=32)',
      'photos = build_pictures()',
      'photos.fit(c, d, batch_size=64)',
    ]);
    expect(found).toEqual({ 'letters.fit': ['Embedding', 'LSTM'], 'photos.fit': ['Conv2D'] });
  });

  it('are those of the variable that holds the model', () => {
    const found = layersIn(
      [
        "import * as tf from '@tensorflow/tfjs';",
        'const letters = tf.sequential({ layers: [tf.layers.lstm({ units: 4 })] });',
        'const photos = tf.sequential();',
        'photos.add(tf.layers.conv2d({ filters: 8, kernelSize: 3 }));',
        'await letters.fit(x, y, { batchSize: 16 });',
        'await photos.fit(x, y, { batchSize: 32 });',
      ],
      'javascript',
    );
    expect(found).toEqual({ 'letters.fit': ['LSTM'], 'photos.fit': ['Conv2D'] });
  });
});
