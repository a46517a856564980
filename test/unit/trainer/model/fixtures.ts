import { readFileSync } from 'node:fs';
import path from 'node:path';
import '@tensorflow/tfjs-backend-cpu';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Dataset } from '../../../../src/trainer/data/dataset';
import { configSchema, type Config } from '../../../../src/config/schema';
import { describe as sentence, type Result } from '../../../../src/core/text/problem';
import { tf } from '../../../../src/trainer/tfjs/tf';

export const fixtures = path.resolve('test/fixtures/models');

interface Values {
  readonly shape: number[];
  readonly values: number[];
}

/** What Keras gave for a model of the fixtures (make.py there). */
export interface KerasValues {
  readonly weights: readonly (Values & { readonly name: string })[];
  readonly input: Values;
  readonly output: Values;
}

export function kerasValues(name: string): KerasValues {
  return JSON.parse(
    readFileSync(path.join(fixtures, `${name}.values.json`), 'utf8'),
  ) as KerasValues;
}

export function configOf(given: Omit<Partial<Config>, 'training'> & { training?: object }): Config {
  return configSchema.parse({ data: { train: 'train.csv' }, ...given });
}

/** A data set of zeros, or of given labels, of these shapes. */
export function datasetOf(
  given: Partial<Dataset> & { labels?: number[]; features?: number[] },
): Dataset {
  const { labels = [0, 1, 0, 1], features, ...rest } = given;
  const sampleShape = rest.sampleShape ?? [6];
  const labelShape = rest.labelShape ?? [];
  const size = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1);
  const count = labels.length / size(labelShape);
  const samples = {
    count,
    features: Float32Array.from(features ?? new Array<number>(count * size(sampleShape)).fill(0)),
    labels: Float32Array.from(labels),
  };
  return {
    sampleShape,
    labelShape,
    train: samples,
    validation: samples,
    classes: null,
    contentHash: 'content',
    ...rest,
  };
}

export function valueOf<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(sentence(result.problem));
  return result.value;
}

export function reasonOf(result: Result<unknown>): string {
  return result.ok ? 'ok' : result.problem.reason;
}

export function weightsOf(model: LayersModel): number[] {
  return model.getWeights().flatMap((weight) => [...weight.dataSync()]);
}

export async function useCpu(): Promise<void> {
  await tf.setBackend('cpu');
  await tf.ready();
}
