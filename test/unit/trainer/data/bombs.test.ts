import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { encode as encodePng } from 'fast-png';
import { encode as encodeJpeg } from 'jpeg-js';
import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { configSchema } from '../../../../src/config/schema';
import { describe as sentence } from '../../../../src/core/text/problem';
import { loadDataset } from '../../../../src/trainer/data/loadDataset';
import { loadStreamed } from '../../../../src/trainer/data/records/loadStreamed';
import { load, pairs, refusal, tryLoad, workspace, type Files } from './workspace';
import { idx, npy, npz } from './writers';

/** Files that are larger, deeper or other than they say: told at once, and never read to their end. */

const regression = { loss: 'meanSquaredError' } as const;
const megabytes = 2 ** 20;
const zeros = new Uint8Array(64 * megabytes);
const labels = npy('<f4', [4], Float32Array.of(0, 1, 0, 1));
const features = npy('<f4', [4, 1], Float32Array.of(1, 2, 3, 4));

/** An archive with one file whose packed bytes, size and content need not agree. */
function archive(name: string, packed: Uint8Array, bytes: number, content: Uint8Array): Uint8Array {
  const record = (signature: number, length: number, fields: [number, number, 2 | 4][]) => {
    const head = Buffer.alloc(length);
    head.writeUInt32LE(signature, 0);
    for (const [at, value, width] of fields) head.writeUIntLE(value, at, width);
    return head;
  };
  const file = Buffer.from(name);
  const sum = crc32(content);
  const local = record(0x04034b50, 30, [
    [4, 20, 2],
    [8, 8, 2],
    [14, sum, 4],
    [18, packed.length, 4],
    [22, bytes, 4],
    [26, file.length, 2],
  ]);
  const central = record(0x02014b50, 46, [
    [6, 20, 2],
    [10, 8, 2],
    [16, sum, 4],
    [20, packed.length, 4],
    [24, bytes, 4],
    [28, file.length, 2],
  ]);
  const body = Buffer.concat([local, file, packed]);
  const end = record(0x06054b50, 22, [
    [8, 1, 2],
    [10, 1, 2],
    [12, central.length + file.length, 4],
    [16, body.length, 4],
  ]);
  return Buffer.concat([body, central, file, end]);
}

describe('an archive of arrays', () => {
  const data = { train: 'data.npz', label: 'y', features: ['x'], normalize: false };

  it('whose array is longer than its header says is refused by its header', async () => {
    const x = Buffer.concat([features, zeros]);
    expect(await refusal({ 'data.npz': npz({ x, y: labels }) }, data, regression)).toMatch(
      /data\.npz\/x is cut off or too long: shape \[4, 1\] needs 16 bytes of values, but 67108880/,
    );
  });

  it('is not unpacked where an array is not used', async () => {
    // What follows its header cannot be unpacked at all.
    const other = npy('<f4', [2 ** 24], zeros);
    const whole = Buffer.from(npz({ x: features, y: labels, other }));
    whole.fill(0xff, whole.indexOf('other.npy') + 40_000, whole.indexOf('other.npy') + 60_000);
    const dataset = await load({ 'data.npz': whole }, data, regression);
    expect(pairs(dataset)).toEqual(['1,0', '2,1', '3,0', '4,1']);
  });

  it('whose file holds more than the archive says is refused', async () => {
    const x = Buffer.concat([features, zeros]);
    const lie = archive('x.npy', deflateRawSync(x), features.length, x);
    const files = { 'data.npz': lie, 'y.npy': labels };
    const own = { train: 'data.npz', features: ['x'], labels: 'y.npy' };
    expect(await refusal(files, own, regression)).toMatch(
      /not a whole \.npz file: .*too many bytes/,
    );
  });

  it('that announces what deflate cannot hold is refused', async () => {
    const x = npy('<f4', [2 ** 29, 1], new Uint8Array(4));
    const lie = archive('x.npy', deflateRawSync(x), x.length - 4 + 2 ** 31, x);
    const files = { 'data.npz': lie, 'y.npy': labels };
    const own = { train: 'data.npz', features: ['x'], labels: 'y.npy' };
    expect(await refusal(files, own, regression)).toMatch(/not enough bytes|cannot hold/);
  });
});

describe('a gzip file', () => {
  const long = gzipSync(Buffer.concat([idx(0x08, [4, 1], [1, 2, 3, 4]), zeros]));
  const cases: [string, Files, object][] = [
    ['features', { 'x.idx.gz': long, 'y.npy': labels }, { train: 'x.idx.gz', labels: 'y.npy' }],
    ['labels', { 'x.npy': features, 'y.gz': long }, { train: 'x.npy', labels: 'y.gz' }],
  ];
  it.each(cases)('of %s that is longer than its header says is refused', async (_, files, data) => {
    const expected = /unpacks to more than the 16 bytes that its header announces/;
    expect(await refusal(files, data, regression)).toMatch(expected);
    const folder = await workspace(files);
    const config = configSchema.parse({
      model: { topology: 'm.json' },
      data,
      training: { loss: 'meanSquaredError' },
    });
    const streamed = await loadStreamed(config, {
      configFile: path.join(folder, 'batchwise.json'),
      root: folder,
      seed: 1,
      tf: null,
      folder: path.join(folder, 'work'),
    });
    expect(streamed.ok ? '' : sentence(streamed.problem)).toMatch(expected);
  });

  it('that announces more than memory holds is refused before it is unpacked', async () => {
    const header = idx(0x08, [2 ** 30, 2 ** 15], []);
    const files = { 'x.idx.gz': gzipSync(header), 'y.npy': labels };
    const said = await refusal(files, { train: 'x.idx.gz', labels: 'y.npy' }, regression);
    expect(said).toMatch(/x\.idx\.gz takes 35\.2 TB of memory, but .* is free/);
  });

  it('of one endless line is refused', async () => {
    const files = {
      'x.csv.gz': gzipSync(Buffer.concat([Buffer.from('a,b\n1,2\n'), zeros, zeros])),
    };
    const said = await refusal(files, { train: 'x.csv.gz', label: 'b' }, regression);
    expect(said).toMatch(/row of more than 67108864 characters/);
  });
});

it('a NumPy header whose shape is no list of sizes is told', async () => {
  const broken = Buffer.from(features);
  broken.write('(4 4)', broken.indexOf('(4, 1)'));
  const files = { 'x.npy': broken, 'y.npy': labels };
  expect(await refusal(files, { train: 'x.npy', labels: 'y.npy' }, regression)).toMatch(
    /its header names no shape/,
  );
});

describe('a table', () => {
  it('of a million columns is refused at its header', async () => {
    const header = Array.from({ length: 1_000_000 }, (_, at) => `c${at}`).join(',');
    const files = { 'x.csv': `${header}\n1,2,3\n` };
    expect(await refusal(files, { train: 'x.csv', label: 'c0' }, regression)).toMatch(
      /x\.csv has 1000000 columns, and at most 100000 are read/,
    );
  });
});

const posix = process.platform !== 'win32';
const image = encodePng({ width: 2, height: 1, channels: 1, depth: 8, data: Uint8Array.of(1, 2) });

describe('a folder of images', () => {
  const files = { 'images/cat/1.png': image, 'images/dog/1.png': image };
  const data = { train: 'images', normalize: false };
  const loadFolder = async (prepare: (images: string) => Promise<unknown>) => {
    const folder = await workspace(files);
    await prepare(path.join(folder, 'images'));
    const config = configSchema.parse({ model: { topology: 'm.json' }, data });
    const configFile = path.join(folder, 'batchwise.json');
    return loadDataset(config, { configFile, root: folder, seed: 1, tf: null });
  };
  const told = async (prepare: (images: string) => Promise<unknown>) => {
    const result = await loadFolder(prepare);
    return result.ok ? '' : sentence(result.problem);
  };

  it.skipIf(!posix)('names links that lead to themselves or nowhere', async () => {
    const broken = /The link .*\/(self|1\.png|2\.png) leads nowhere/;
    expect(await told((images) => symlink('self', path.join(images, 'self')))).toMatch(broken);
    expect(await told((images) => symlink('gone', path.join(images, 'self')))).toMatch(broken);
    expect(await told((images) => symlink('2.png', path.join(images, 'cat', '2.png')))).toMatch(
      broken,
    );
    const circle = /The link .*\/self leads back to a folder that it lies in/;
    expect(await told((images) => symlink('.', path.join(images, 'self')))).toMatch(circle);
    expect(await told((images) => symlink('..', path.join(images, 'self')))).toMatch(circle);
  });

  it.skipIf(!posix)('leaves pipes and folders alone that are called images', async () => {
    const result = await loadFolder(async (images) => {
      spawnSync('mkfifo', [path.join(images, 'cat', '2.png')]);
      await mkdir(path.join(images, 'dog', '2.png'));
    });
    expect(result.ok && result.value.train.count + result.value.validation.count).toBe(2);
  });

  const jpegOf = (width: number, height: number) => {
    const bytes = encodeJpeg({ width: 8, height: 8, data: Buffer.alloc(256, 90) }, 80).data;
    const frame = bytes.indexOf(Buffer.from([0xff, 0xc0]));
    bytes.writeUInt16BE(height, frame + 5);
    bytes.writeUInt16BE(width, frame + 7);
    return bytes;
  };
  const header = (width: number, height: number, body: Uint8Array) => {
    const chunk = (type: string, content: Uint8Array) => {
      const named = Buffer.concat([Buffer.from(type, 'latin1'), content]);
      const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
      length.writeUInt32BE(content.length);
      sum.writeUInt32BE(crc32(named));
      return Buffer.concat([length, named, sum]);
    };
    const size = Buffer.alloc(13);
    size.writeUInt32BE(width, 0);
    size.writeUInt32BE(height, 4);
    size.set([8, 0], 8);
    const magic = Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]);
    const end = chunk('IEND', Buffer.alloc(0));
    return Buffer.concat([magic, chunk('IHDR', size), chunk('IDAT', body), end]);
  };
  it.each([
    ['is empty', new Uint8Array(0), /1\.png cannot be read: it is empty\./],
    ['is no image', Buffer.from('GIF89a'), /neither a PNG nor a JPEG/],
    ['claims a huge size', header(60_000, 60_000, deflateSync(zeros)), /60000×60000 pixels/],
    ['has far fewer bytes', header(9000, 9000, deflateSync(zeros.subarray(0, 99))), /9000×9000/],
    ['is a JPEG with far fewer bytes', jpegOf(9000, 8000), /9000×8000 pixels/],
    ['has no size', header(0, 5, deflateSync(zeros)), /0×5 pixels/],
    [
      'holds more than its pixels',
      header(2, 1, Buffer.concat([deflateSync(Buffer.alloc(100 * megabytes), { level: 1 })])),
      /holds more than its 2×1 pixels/,
    ],
  ])('is refused with its image that %s', async (_, bytes, expected) => {
    const said = await refusal({ ...files, 'images/cat/1.png': bytes }, data, {});
    expect(said).toMatch(expected);
  });
});

describe.skipIf(!posix)('a pipe', () => {
  it.each(['train', 'labels', 'validation'])('as data.%s is refused at once', async (key) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'batchwise-pipe-'));
    try {
      await writeFile(path.join(folder, 'x.npy'), features);
      await writeFile(path.join(folder, 'y.npy'), labels);
      spawnSync('mkfifo', [path.join(folder, 'pipe.npy')]);
      const data = { train: 'x.npy', labels: 'y.npy', [key]: 'pipe.npy' };
      const config = configSchema.parse({
        model: { topology: 'm.json' },
        data: key === 'validation' ? { ...data, validationLabels: 'y.npy' } : data,
        training: { loss: 'meanSquaredError' },
      });
      const configFile = path.join(folder, 'batchwise.json');
      const result = await loadDataset(config, { configFile, root: folder, seed: 1, tf: null });
      expect(result.ok ? '' : sentence(result.problem)).toMatch(
        /pipe\.npy cannot be read: it is a pipe/,
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

it('reads what is as it says', async () => {
  const files = { 'x.idx.gz': gzipSync(idx(0x08, [4, 1], [1, 2, 3, 4])), 'y.npy': labels };
  const result = await tryLoad(files, { train: 'x.idx.gz', labels: 'y.npy' }, regression);
  expect(result.ok && result.value.train.count + result.value.validation.count).toBe(4);
});

describe('numbers of a config that make far more of the data than it holds', () => {
  const rows = Array.from({ length: 80_000 }, (_, row) => String(row % 7));
  const series = { 'd.csv': ['v', ...rows].join('\n') };
  const window = (size: number, ahead = 1) => ({
    ...{ train: 'd.csv', label: 'v', window: { size, ahead } },
  });

  it('a window whose samples take more than 4 GB is refused before they are made', async () => {
    expect(await refusal(series, window(40_000), regression)).toMatch(
      /d\.csv makes 40000 samples of 40000 rows each, which take 6\.4 GB; 4 GB is the most/,
    );
  });

  it('a window that is longer than the data names both', async () => {
    expect(await refusal(series, window(10 ** 9), regression)).toMatch(
      /d\.csv has 80000 rows, but one sample and its label take 1000000001/,
    );
  });

  it('texts of as many words as the model takes', async () => {
    const texts = rows.slice(0, 12_000).map((each) => `word,${each}`);
    const files = { 'd.csv': ['text,y', ...texts].join('\n') };
    const data = { train: 'd.csv', label: 'y', features: ['text'], text: {} };
    expect(await refusal(files, data, { inputShape: [100_000] })).toMatch(
      /d\.csv makes 12000 samples of 100000 words each, which take 4\.8 GB; 4 GB is the most/,
    );
  });

  it('images of which one takes hundreds of megabytes', async () => {
    const png = encodePng({ width: 2, height: 2, channels: 1, data: new Uint8Array(4) });
    const files = { 'images/a/1.png': png, 'images/b/1.png': png };
    const options = { inputShape: [40_000, 50_000, 3] };
    expect(await refusal(files, { train: 'images' }, options)).toMatch(
      /Images of 50000×40000 pixels are too large to train on; 16777216 pixels are the most/,
    );
  });
});
