// How often the values of a cell and their order raise a doubt without a reason, and with one:
// 10000 simulated series of each kind.
// Usage: npm run bench:warnings (after npm run build)
import { seriesWarnings } from '../dist/analyse/series-warnings.js';
import { printTable } from './print-table.mjs';
import { DISTRIBUTIONS, source, times } from './simulated.mjs';

const SERIES = 10_000;
let streams = 3000;

const percent = (share) => `${(100 * share).toFixed(2)} %`;

/** The share of series with each warning. */
function doubts(name, n, make) {
  const random = source(streams++);
  const found = new Map();
  for (let series = 0; series < SERIES; series++) {
    for (const { code } of seriesWarnings(make(random, n))) {
      found.set(code, (found.get(code) ?? 0) + 1);
    }
  }
  const share = (code) => percent((found.get(code) ?? 0) / SERIES);
  return [name, String(n), share('drift'), share('autocorrelated')];
}

const unrelated = (name) => (random, n) => times(n, () => DISTRIBUTIONS[name].draw(random));
/** Rounded so that a third of the values have a twin. */
const rounded = (random, n) =>
  unrelated('normal')(random, n).map((value) => Math.round(value / 20));
/** Falls by a share of the level from the first run to the last. */
const falling = (share) => (random, n) =>
  unrelated('normal')(random, n).map((value, at) => value - (1000 * share * at) / (n - 1));
/** Each run keeps a share of how far the one before was from the level. */
const resembling = (share) => (random, n) => {
  let rest = random.normal();
  return times(n, () => {
    const value = 1000 + 30 * rest;
    rest = share * rest + Math.sqrt(1 - share ** 2) * random.normal();
    return value;
  });
};

console.log(`Warnings about ${SERIES} series of runs\n`);
printTable([
  ['series', 'n', 'drift', 'autocorrelated'],
  ...[
    ...Object.keys(DISTRIBUTIONS).map((name) => [name, unrelated(name)]),
    ['normal, rounded', rounded],
    ['falls by 10 %', falling(0.1)],
    ['correlated, 0.5', resembling(0.5)],
    ['correlated, 0.8', resembling(0.8)],
  ].flatMap(([name, make]) => [11, 30, 100].map((n) => doubts(name, n, make))),
]);
