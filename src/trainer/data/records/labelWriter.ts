import path from 'node:path';
import { mostClasses } from '../labels';
import { dataKey, isDecimal, ownText, refuse, type RawLabels, type Table } from '../rawData';
import type { RecordLabels, Workplace } from './rawRecords';
import { RecordWriter } from './recordWriter';

/**
 * Writes labels that come one by one. Texts may turn out to be numbers, each one different: so both
 * their indices and their values are kept until that is known.
 */
export class LabelWriter {
  readonly #place: Workplace;
  readonly numbers: RecordWriter;
  readonly #indices: RecordWriter;
  readonly #indexOf = new Map<string, number>();
  readonly #firstSamples: number[] = [];
  #areNumbers = true;
  #tooMany = false;

  constructor(place: Workplace) {
    this.#place = place;
    this.numbers = new RecordWriter(path.join(place.folder, 'labels.values'), 'f8');
    this.#indices = new RecordWriter(path.join(place.folder, 'labels.indices'), 'u4');
  }

  readonly texts = {
    push: (text: string): void => {
      this.#areNumbers &&= isDecimal(text);
      this.numbers.push(this.#areNumbers ? Math.fround(Number(text)) : NaN);
      let index = this.#indexOf.get(text);
      if (index === undefined) {
        index = this.#indexOf.size;
        this.#tooMany ||= index === mostClasses;
        if (!this.#tooMany) {
          this.#indexOf.set(ownText(text), index);
          this.#firstSamples.push(this.#indices.length + 1);
        } else if (!this.#areNumbers) this.#refuseMany();
      }
      this.#indices.push(index);
    },
  };

  async finish(table: Pick<Table, 'labels' | 'labelShape'>): Promise<RecordLabels> {
    const { labels, labelShape } = table;
    const width = labelShape.reduce((total, size) => total * size, 1);
    const values = await this.numbers.finish(width);
    const indices = await this.#indices.finish(1);
    if (labels === 'numbers' || this.#tooMany) {
      if (labels === 'texts' && !this.#areNumbers) this.#refuseMany();
      return { kind: 'numbers', shape: labelShape, records: values };
    }
    const names = [...this.#indexOf.keys()];
    return { kind: 'texts', names, firstSamples: this.#firstSamples, records: indices };
  }

  #refuseMany(): never {
    const { source } = this.#place;
    const key = source.label === undefined ? source.key : 'label';
    return refuse('dataManyLabels', { path: source.name, most: mostClasses }, dataKey(source, key));
  }
}

/** Writes labels that were read into memory. */
export async function writeLabels(labels: RawLabels, place: Workplace): Promise<RecordLabels> {
  const writer = new LabelWriter(place);
  if (labels.kind === 'texts') {
    for (const index of labels.indices) writer.texts.push(labels.names[index] ?? '');
    return writer.finish({ labels: 'texts', labelShape: [] });
  }
  writer.numbers.pushAll(labels.values);
  return writer.finish({ labels: 'numbers', labelShape: labels.shape.slice(1) });
}
