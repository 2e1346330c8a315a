// How often the 95 % intervals hold the true value: 2000 simulated samples of each kind.
// Usage: npm run bench:coverage (after npm run build)
import { medianInterval, ratioOfMedians } from '../dist/analyse/bootstrap.js';
import { printTable } from './print-table.mjs';
import { DISTRIBUTIONS, source, times } from './simulated.mjs';

const SAMPLES = 2000;
const SIZES = [5, 11, 30];
let streams = 0;

const percent = (share, digits = 1) => `${(100 * share).toFixed(digits)} %`;
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Coverage of the true value, and the mean width as a share of it. */
function judge(intervals, truth) {
  const held = intervals.filter(({ low, high }) => low <= truth && truth <= high).length;
  const width = mean(intervals.map(({ low, high }) => (high - low) / truth));
  return [percent(held / intervals.length), percent(width)];
}

/** P(d <= Bin(n, 1/2) <= n - d): how often the d-th lowest and d-th highest hold the median. */
function chance(n, d) {
  let [ways, sum] = [1, 0];
  for (let k = 0; k <= n; k++) {
    if (k >= d && k <= n - d) sum += ways;
    ways = (ways * (n - k)) / (k + 1);
  }
  return sum / 2 ** n;
}

/**
 * The interval of order statistics for comparison, interpolated between two of them as by
 * Hettmansperger and Sheather (1986).
 */
function orderInterval(values) {
  const n = values.length;
  const sorted = values.toSorted((a, b) => a - b);
  let d = 1;
  while (chance(n, d + 1) >= 0.95) d++;
  const wide = chance(n, d);
  const part = Math.max(0, (wide - 0.95) / (wide - chance(n, d + 1)));
  const weight = ((n - d) * part) / (d + (n - 2 * d) * part);
  const between = (from, to) => from + weight * (to - from);
  return {
    low: between(sorted[d - 1], sorted[d]),
    high: between(sorted[n - d], sorted[n - d - 1]),
  };
}

const rows = [];
for (const [name, { median, draw }] of Object.entries(DISTRIBUTIONS)) {
  for (const n of SIZES) {
    const random = source(streams++);
    const sample = () => times(n, () => draw(random));
    const samples = times(SAMPLES, sample);
    const others = times(SAMPLES, sample);
    rows.push([
      name,
      String(n),
      ...judge(
        samples.map((values, seed) => medianInterval(values, { seed })),
        median,
      ),
      ...judge(samples.map(orderInterval), median),
      ...judge(
        samples.map((values, seed) => ratioOfMedians(values, others[seed], { seed })),
        1,
      ),
    ]);
  }
}
console.log(`Coverage of the 95 % interval and its mean width, ${SAMPLES} samples each\n`);
printTable([
  ['sample', 'n', 'median, BCa', 'width', 'order statistics', 'width', 'ratio, BCa', 'width'],
  ...rows,
]);

/** Median time of a call, in milliseconds. */
function cost(call) {
  const spent = times(300, (_, seed) => {
    const began = performance.now();
    call(seed);
    return performance.now() - began;
  });
  return spent.sort((a, b) => a - b)[150].toFixed(2);
}
const random = source(streams++);
const [a, b] = times(2, () => times(30, () => DISTRIBUTIONS.normal.draw(random)));
const one = cost((seed) => medianInterval(a, { seed }));
const two = cost((seed) => ratioOfMedians(a, b, { seed }));
console.log(`\nOf 30 values, the interval of a median took ${one} ms, that of a ratio ${two} ms`);
