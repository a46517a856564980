import { rename } from 'node:fs/promises';
import path from 'node:path';
import type { Image } from '../decodeImage';
import { classImages, findImageFolder, ownValidation } from '../imageFolder';
import { LabelWriter } from './labelWriter';
import type { RawRecords, Workplace } from './rawRecords';
import type { RecordFile } from './recordFile';
import { RecordReader } from './recordReader';
import { RecordWriter } from './recordWriter';

/**
 * Decodes a folder of images one by one into a cache file of bytes. Gray images among coloured ones
 * get their one channel three times.
 */
export async function imageRecords(place: Workplace): Promise<RawRecords> {
  const { source, folder } = place;
  const file = path.join(folder, 'features');
  const labels = new LabelWriter(place);
  let writer = new RecordWriter(file, 'u1');
  let first: Image | null = null;
  let channels: 1 | 3 = 1;
  let count = 0;
  const images = await findImageFolder(source);
  for await (const { image, className } of classImages(source, images)) {
    first ??= image;
    if (image.channels > channels) {
      const gray = await writer.finish(image.width * image.height);
      await rename(file, `${file}.gray`);
      writer = new RecordWriter(file, 'u1');
      if (gray.count > 0) pushColoured(writer, { ...gray, file: `${file}.gray` });
      channels = 3;
    }
    if (image.channels === channels) writer.pushAll(image.pixels);
    else
      image.pixels.forEach((level) => {
        writer.pushAll([level, level, level]);
      });
    labels.texts.push(className);
    count++;
  }
  const sampleShape = [first?.height ?? 0, first?.width ?? 0, channels];
  return {
    count,
    sampleShape,
    features: await writer.finish(sampleShape.reduce((total, size) => total * size, 1)),
    scale: 'bytes',
    featureNames: null,
    ownValidation: ownValidation(source, images),
    labels: await labels.finish({ labels: 'texts', labelShape: [] }),
    file: source.file,
  };
}

/** Rewrites gray images that came before the first coloured one. */
function pushColoured(writer: RecordWriter, gray: RecordFile): void {
  const reader = new RecordReader(gray);
  for (const { values } of reader.chunks()) {
    for (const level of values) writer.pushAll([level, level, level]);
  }
  reader.close();
}
