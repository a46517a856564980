// Makes the data set of this example: `node examples/tabular/make.mjs [seed]`. Needs nothing but Node.
//
// Made-up readings of air compressors, each with what is wrong with it. The readings follow simple
// physics (imbalance shakes with the square of the speed, a worn bearing runs hot and shakes at any
// speed, a leak costs pressure and makes the motor work) and noise that blurs mild faults.
import { writeFileSync } from 'node:fs';

const rows = 2000;
const conditions = { healthy: 0.45, 'bearing wear': 0.2, imbalance: 0.18, leak: 0.17 };

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

function drawCondition() {
  let rest = random();
  for (const [name, share] of Object.entries(conditions)) {
    rest -= share;
    if (rest < 0) return name;
  }
  return 'healthy';
}

function reading() {
  const condition = drawCondition();
  const severity = (name) => (condition === name ? between(0.15, 1) : 0);
  const wear = severity('bearing wear');
  const imbalance = severity('imbalance');
  const leak = severity('leak');

  const hours = between(0, 1) ** 1.5 * 20000 + wear * 4000;
  const room = 20 + 6 * normal();
  const load = between(0.3, 1);
  const speed = 900 + 900 * load + 60 * normal();
  const pressure = 8.2 - 0.9 * load - 1.9 * leak * (0.4 + load) + 0.18 * normal();
  const current = 9 + 21 * load * (1 + 0.22 * leak + 0.08 * wear) + 0.9 * normal();
  const temperature = room + 28 + 24 * load + 17 * wear + 6 * leak * load + 2.5 * normal();
  const vibration =
    (0.9 + 1.6 * wear + 3.4 * imbalance * (speed / 1800) ** 2 + hours / 40000) *
    Math.exp(0.17 * normal());
  // High-frequency share of the vibration: what tells a bearing from a loose weight.
  const hiss = 0.12 + 0.3 * wear - 0.05 * imbalance + 0.14 * leak + 0.06 * normal();

  return [
    Math.round(speed),
    load.toFixed(2),
    room.toFixed(1),
    temperature.toFixed(1),
    pressure.toFixed(2),
    current.toFixed(1),
    vibration.toFixed(2),
    Math.max(0, hiss).toFixed(3),
    Math.round(hours),
    condition,
  ];
}

const header = [
  'speed_rpm',
  'load',
  'room_c',
  'temperature_c',
  'pressure_bar',
  'current_a',
  'vibration_mm_s',
  'hiss',
  'hours',
  'condition',
];
const lines = [header, ...Array.from({ length: rows }, reading)].map((line) => line.join(','));
writeFileSync(new URL('compressors.csv', import.meta.url), lines.join('\n') + '\n');
