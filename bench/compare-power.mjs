// How often a comparison of two sweeps calls a difference, where there is none and where there is
// one. Simulated.
// Usage: npm run bench:compare (after npm run build)
import { compareCells } from '../dist/analyse/compare.js';
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
