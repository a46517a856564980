// Makes the data set of this example: `node examples/sequence/make.mjs [seed]`. Needs nothing but Node.
//
// Made-up days of buildings: 24 hours of outdoor temperature, sunshine and heating power, and the
// mean heating power of the six hours after them. Every building leaks heat, stores it and catches
// sun to a degree of its own, which a network must infer from how power followed the weather.
import { writeFileSync } from 'node:fs';

const samples = 1500;
const hours = 24;
const ahead = 6;

/** Mulberry32: a small seeded generator of numbers in [0, 1). */
function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const random = randomFrom(Number(process.argv[2] ?? 7));
const between = (low, high) => low + (high - low) * random();
const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Hours of one building: rows of [outdoor °C / 10, sunshine 0..1, heating in 10 kW]. */
function simulate(length) {
  const loss = between(0.15, 0.6); // kW per degree
  const storage = between(1, 6); // kWh per degree
  const window = between(0.5, 3); // kW of full sun
  const nightSetback = random() < 0.5 ? between(1, 4) : 0; // degrees
  const mean = between(-8, 12);
  const swing = between(1, 6);
  const start = Math.floor(between(0, 24));
  const clouds = random();

  let indoor = 20;
  let front = 0;
  return Array.from({ length: length + 48 }, (_, index) => {
    const hour = (start + index) % 24;
    front = 0.95 * front + 0.5 * normal();
    const outdoor = mean + front + swing * Math.sin((2 * Math.PI * (hour - 9)) / 24);
    const sun = Math.max(0, Math.sin((Math.PI * (hour - 7)) / 10)) * (1 - 0.8 * clouds * random());
    const wanted = 20 - (hour < 6 || hour >= 22 ? nightSetback : 0);
    const needed = loss * (indoor - outdoor) - window * sun + storage * 0.5 * (wanted - indoor);
    const power = Math.max(0, needed);
    indoor += (power + window * sun - loss * (indoor - outdoor)) / storage;
    const metered = Math.max(0, power * (1 + 0.04 * normal()));
    return [outdoor / 10, sun, metered / 10];
  }).slice(48); // the first two days settle the building
}

/** NPY 1.0: magic, version, header of 64 bytes' alignment, little-endian float32 in C order. */
function npy(shape, values) {
  const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const description = `{'descr': '<f4', 'fortran_order': False, 'shape': (${tuple}), }`;
  const padded = description.padEnd(Math.ceil((11 + description.length) / 64) * 64 - 11) + '\n';
  const start = Buffer.alloc(10);
  start.write('\x93NUMPY\x01\x00', 'latin1');
  start.writeUInt16LE(padded.length, 8);
  return Buffer.concat([start, Buffer.from(padded, 'latin1'), Buffer.from(values.buffer)]);
}

const features = new Float32Array(samples * hours * 3);
const labels = new Float32Array(samples);
for (let sample = 0; sample < samples; sample++) {
  const days = simulate(hours + ahead);
  features.set(days.slice(0, hours).flat(), sample * hours * 3);
  labels[sample] = days.slice(hours).reduce((sum, row) => sum + row[2], 0) / ahead;
}
writeFileSync(new URL('weather.npy', import.meta.url), npy([samples, hours, 3], features));
writeFileSync(new URL('heating.npy', import.meta.url), npy([samples], labels));
