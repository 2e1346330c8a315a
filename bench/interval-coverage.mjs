// How often intervals hold the true value, and how wide they are: simulated samples.
// Usage: npm run bench:coverage (after npm run build)
import { medianInterval } from '../dist/analyse/median-interval.js';
import { pairedRatio } from '../dist/analyse/paired-ratio.js';
import { ratioInterval } from '../dist/analyse/ratio-interval.js';
import { printTable } from './print-table.mjs';
import { DISTRIBUTIONS, source, times } from './simulated.mjs';

let streams = 0;

const percent = (share, digits = 1) => `${(100 * share).toFixed(digits)} %`;
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Coverage of the true value, and the mean width as a share of it. */
function judge(intervals, truth) {
  const held = intervals.filter(({ low, high }) => low <= truth && truth <= high).length;
  const width = mean(intervals.map(({ low, high }) => (high - low) / truth));
  return [percent(held / intervals.length), percent(width)];
}

const MEDIANS = 10_000;
const SIZES = times(26, (_, at) => at + 5);
const levelOf = (n) => percent(medianInterval(times(n, (_, at) => at))?.level ?? Number.NaN, 2);
console.log(`The interval of a median, ${MEDIANS} samples each: coverage and mean width\n`);
printTable([
  ['n', 'level', ...Object.keys(DISTRIBUTIONS).flatMap((name) => [name, 'width'])],
  ...SIZES.map((n) => [
    String(n),
    levelOf(n),
    ...Object.values(DISTRIBUTIONS).flatMap(({ median, draw }) => {
      const random = source(streams++);
      const samples = times(MEDIANS, () => times(n, () => draw(random)));
      return judge(samples.map(medianInterval), median);
    }),
  ]),
]);

const noise = ({ normal }) => 0.03 * normal();
const rounded = (to) => (random, n) =>
  times(n, () => to * Math.round((1000 * (1 + noise(random))) / to));
/** Each value keeps so much of the one before it; the deviation stays 3 %. */
const resembling = (share) => (random, n) => {
  let last = noise(random);
  return times(n, () => {
    const value = 1000 * (1 + last);
    last = share * last + Math.sqrt(1 - share ** 2) * noise(random);
    return value;
  });
};
const OTHERS = {
  'rounded to 1 %': rounded(10),
  'rounded to 5 %': rounded(50),
  'falls by 10 %': (random, n) =>
    times(n, (_, at) => 1000 * (1.05 - (0.1 * at) / (n - 1) + noise(random))),
  'correlated, 0.5': resembling(0.5),
  'correlated, 0.8': resembling(0.8),
};
console.log('\nThe same of normal samples with 3 % of noise that are rounded or not independent\n');
printTable([
  ['n', 'level', ...Object.keys(OTHERS).flatMap((name) => [name, 'width'])],
  ...SIZES.map((n) => [
    String(n),
    levelOf(n),
    ...Object.values(OTHERS).flatMap((make) => {
      const random = source(streams++);
      return judge(
        times(MEDIANS, () => medianInterval(make(random, n))),
        1000,
      );
    }),
  ]),
]);

const EFFECT = 0.8;
const EFFECTS = 4000;
/** Noise of a single run, and about how large it is. */
const NOISES = {
  normal: { deviation: 0.03, draw: (random) => 1 + noise(random) },
  'log-normal': { deviation: 0.1, draw: ({ normal }) => Math.exp(0.1 * normal()) },
};
/**
 * The part that both runs of a block have in common; three times the noise is a correlation of 0.9.
 */
const BLOCKS = {
  nothing: () => 1,
  'correlation 0.9': ({ random, deviation }) => Math.exp(3 * deviation * random.normal()),
  'drift by 10 %': ({ at, n }) => 1.05 - (0.1 * at) / (n - 1),
};

function effects({ deviation, draw }, ofBlock, n) {
  const random = source(streams++);
  const both = times(EFFECTS, () => {
    const pairs = times(n, (_, at) => {
      const block = ofBlock({ random, deviation, at, n });
      return { a: block * draw(random), b: EFFECT * block * draw(random) };
    });
    return {
      paired: pairedRatio(pairs),
      unpaired: ratioInterval(
        pairs.map(({ a }) => a),
        pairs.map(({ b }) => b),
      ),
    };
  });
  return ['paired', 'unpaired'].flatMap((kind) => {
    const intervals = both.map((found) => found[kind]);
    return [percent(intervals[0].level), ...judge(intervals, EFFECT)];
  });
}
const threeColumns = (kind) => [kind, 'coverage', 'width'];
console.log(
  `\nA probe effect of ${EFFECT} from n traced runs and n controls, ${EFFECTS} sweeps each: level, coverage and mean width\n`,
);
printTable([
  ['noise of a run', 'of a block', 'n', ...['paired', 'unpaired'].flatMap(threeColumns)],
  ...Object.entries(NOISES).flatMap(([noiseName, ofRun]) =>
    Object.entries(BLOCKS).flatMap(([blockName, ofBlock]) =>
      [5, 11, 30].map((n) => [noiseName, blockName, String(n), ...effects(ofRun, ofBlock, n)]),
    ),
  ),
]);

/** Median time of a call, in milliseconds. */
function cost(call) {
  const spent = times(300, () => {
    const began = performance.now();
    call();
    return performance.now() - began;
  });
  return spent.sort((a, b) => a - b)[150].toFixed(3);
}
const random = source(streams++);
const [a, b] = times(2, () => times(30, () => DISTRIBUTIONS.normal.draw(random)));
const pairs = a.map((value, at) => ({ a: value, b: b[at] }));
const [one, two, three] = [
  () => medianInterval(a),
  () => pairedRatio(pairs),
  () => ratioInterval(a, b),
].map(cost);
console.log(
  `\nOf 30 values, the interval of a median took ${one} ms, that of a paired ratio ${two} ms, of an unpaired one ${three} ms`,
);
