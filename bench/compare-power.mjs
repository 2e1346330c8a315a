// How often a comparison of two sweeps calls a difference, where there is none and where there is
// one, and how often a series is doubted without a reason. Simulated.
// Usage: npm run bench:compare (after npm run build)
import { compareCells } from '../dist/analyse/compare.js';
import { seriesWarnings } from '../dist/analyse/series.js';
import { printTable } from './print-table.mjs';
import { DISTRIBUTIONS, source, times } from './simulated.mjs';

const CELLS = 10;
let streams = 1000;

const percent = (share, digits = 1) => `${(100 * share).toFixed(digits)} %`;

/** Pairs of sweeps with ten cells each, the first `changed` of which change by a factor. */
function compare({ sweeps, name, n, changed, factor }) {
  const { draw } = DISTRIBUTIONS[name];
  const random = source(streams++);
  const sample = (level) => times(n, () => level * draw(random));
  let [anyFalse, falseShares, found] = [0, 0, 0];
  for (let seed = 0; seed < sweeps; seed++) {
    const pairs = times(CELLS, (_, cell) => ({
      a: sample(1),
      b: sample(cell < changed ? factor : 1),
    }));
    const called = compareCells(pairs, { seed }).flatMap(({ verdict }, cell) =>
      verdict === 'faster' || verdict === 'slower' ? [cell] : [],
    );
    const wrong = called.filter((cell) => cell >= changed).length;
    found += called.length - wrong;
    if (wrong > 0) {
      anyFalse++;
      falseShares += wrong / called.length;
    }
  }
  return [
    name,
    String(n),
    changed === 0 ? 'none' : `${changed} by ${percent(factor - 1, 0)}`,
    String(sweeps),
    percent(anyFalse / sweeps),
    percent(falseShares / sweeps),
    changed === 0 ? '-' : percent(found / sweeps / changed),
  ];
}

const NONE = { changed: 0, factor: 1 };
const comparisons = [
  { sweeps: 1000, name: 'normal', n: 5, ...NONE },
  { sweeps: 1000, name: 'normal', n: 11, ...NONE },
  { sweeps: 2000, name: 'normal', n: 30, ...NONE },
  { sweeps: 500, name: 'bimodal', n: 30, ...NONE },
  { sweeps: 500, name: 'normal', n: 5, changed: 1, factor: 1.1 },
  { sweeps: 500, name: 'normal', n: 5, changed: 10, factor: 1.1 },
  { sweeps: 500, name: 'normal', n: 11, changed: 1, factor: 1.1 },
  { sweeps: 500, name: 'normal', n: 30, changed: 1, factor: 1.1 },
  { sweeps: 500, name: 'normal', n: 30, changed: 1, factor: 1.03 },
];
console.log(
  `Comparisons of two sweeps with ${CELLS} cells, 3 % of noise where normal, alpha 5 %\n`,
);
printTable([
  ['sample', 'n', 'cells changed', 'sweeps', 'any false call', 'false share of calls', 'found'],
  ...comparisons.map(compare),
]);

const SERIES = 10_000;

/** The share of series with each warning. */
function doubts(name, n, make) {
  const random = source(streams++);
  let [drift, autocorrelated] = [0, 0];
  for (let series = 0; series < SERIES; series++) {
    for (const { code } of seriesWarnings(make(random, n))) {
      if (code === 'drift') drift++;
      else autocorrelated++;
    }
  }
  return [name, String(n), percent(drift / SERIES, 2), percent(autocorrelated / SERIES, 2)];
}

const unrelated = (name) => (random, n) => times(n, () => DISTRIBUTIONS[name].draw(random));
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

console.log(`\nWarnings about ${SERIES} series of runs\n`);
printTable([
  ['series', 'n', 'drift', 'autocorrelated'],
  ...Object.keys(DISTRIBUTIONS).flatMap((name) =>
    [11, 30, 100].map((n) => doubts(name, n, unrelated(name))),
  ),
  ...[11, 30, 100].map((n) => doubts('falls by 10 %', n, falling(0.1))),
  ...[11, 30, 100].map((n) => doubts('correlated, 0.5', n, resembling(0.5))),
  ...[11, 30, 100].map((n) => doubts('correlated, 0.8', n, resembling(0.8))),
]);
