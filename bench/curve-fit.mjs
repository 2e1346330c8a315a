// How often the intervals of docs/method.md, "What the curve says", hold the true value, and how often a
// break is found where there is none: simulated curves whose truth is known.
// Usage: npm run bench:curve (after npm run build)
import { fisherTail, studentQuantile } from '../dist/analyse/beta-distribution.js';
import { relativeLine } from '../dist/analyse/broken-line.js';
import { fitCurve } from '../dist/analyse/curve-fit.js';
import { leastSquares } from '../dist/analyse/least-squares.js';
import { coefficientOfVariation } from '../dist/analyse/spread.js';
import { median } from '../dist/analyse/statistics.js';
import { printTable } from './print-table.mjs';
import { source, times } from './simulated.mjs';

const CURVES = 2000;
const RUNS = 11;
let streams = 0;

/** A call costs 1.2 µs, and half of 2.4 GB/s is reached with 2880 bytes. */
const TRUTH = { call: 1.2e-6, asymptote: 2.4e9, half: 2880 };
/** Beyond the break, bytes move at half of that. */
const BREAK = 100_000;

/** A run's bandwidth around 1; the median of each is 1. */
const NOISE = {
  'normal, 3 %': ({ normal }) => 1 + 0.03 * normal(),
  'log-normal, 10 %': ({ normal }) => Math.exp(0.1 * normal()),
  'heavy, 2 %': ({ uniform, normal }) => 1 + (uniform() < 0.1 ? 0.1 : 0.02) * normal(),
  'bimodal, 8 %': ({ uniform, normal }) =>
    uniform() < 0.2 ? 0.8 * (1 + 0.02 * normal()) : 1 + 0.02 * normal() + 0.0064,
};

/** Seconds of a call with so many bytes. */
const LINES = {
  straight: (bytes) => TRUTH.call + bytes / TRUTH.asymptote,
  bent: (bytes) => LINES.straight(bytes) + Math.max(0, bytes - BREAK) / TRUTH.asymptote,
  // All bytes become slower at once, as those of a buffer that does not fit into a cache any more.
  step: (bytes) => TRUTH.call + bytes / (bytes < 2 ** 20 ? 1 : 0.5) / TRUTH.asymptote,
  // Bandwidth grows with the square root of the buffer: no line.
  'square root': (bytes) => Math.sqrt(bytes) / 1e7,
};

/** Doubled from 512 B on. */
const doubling = (count) => times(count, (_, at) => 512 * 2 ** at);

/** A level around which the runs of a cell vary: bytes per second. */
function levelOf(line, bytes, misfit, random) {
  return (bytes / LINES[line](bytes)) * (1 + misfit * random.normal());
}

/**
 * @param misfit standard deviation of how far a cell is off the line in all its runs
 * @returns what is found in each of the simulated curves
 */
function simulate(line, sizes, noise, misfit) {
  const random = source(streams++);
  return times(CURVES, () =>
    fitCurve(
      sizes.map((bytes) => {
        const level = levelOf(line, bytes, misfit, random);
        const runs = times(RUNS, () => level * NOISE[noise](random));
        return { bytes, bandwidth: median(runs), runs: RUNS, cv: coefficientOfVariation(runs) };
      }),
    ),
  );
}

const percent = (share, digits = 1) =>
  Number.isNaN(share) ? '-' : `${(100 * share).toFixed(digits)} %`;
const share = (all, holds) => all.filter(holds).length / all.length;
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const holds = ({ low = 0, high = Infinity }, truth) => low <= truth && truth <= high;

/** Coverage of an estimate and the mean width of its interval as a share of the truth. */
function judge(fitted, name) {
  const found = fitted.map(({ hockney }) => hockney[name].interval);
  const width = mean(found.map(({ low, high }) => (high - low) / TRUTH[name]));
  return [percent(share(found, (interval) => holds(interval, TRUTH[name]))), percent(width)];
}

function row(line, count, noise, misfit) {
  const all = simulate(line, doubling(count), noise, misfit);
  const fitted = all.filter(({ state }) => state === 'fitted');
  const bends = fitted.flatMap(({ hockney }) => hockney.bend ?? []);
  const none = times(7, () => '-');
  const judged =
    fitted.length < CURVES / 20
      ? none
      : [
          ...['call', 'asymptote', 'half'].flatMap((name) => judge(fitted, name)),
          percent(share(all, ({ lackOfFit }) => lackOfFit < 0.05)),
        ];
  return {
    start: [line, String(count), noise, percent(misfit, 0), percent(fitted.length / CURVES)],
    judged,
    bent: [
      percent(bends.length / CURVES),
      percent(share(bends, ({ interval }) => holds(interval, BREAK))),
      bends.length === 0
        ? '-'
        : (
            2 **
            median(
              bends.map(({ interval: { low = 512, high = 512 * 2 ** (count - 1) } }) =>
                Math.log2(high / low),
              ),
            )
          ).toFixed(2),
    ],
  };
}

/** How runs vary, and by how much a cell is off the line in all its runs. */
const CASES = [
  ['normal, 3 %', 0],
  ['normal, 3 %', 0.03],
  ['log-normal, 10 %', 0.03],
  ['heavy, 2 %', 0.03],
  ['bimodal, 8 %', 0],
  ['bimodal, 8 %', 0.03],
];

const START = ['curve', 'sizes', 'runs vary', 'off by', 'fitted'];
const COVERED = ['call', 'width', 'asymptote', 'width', 'half', 'width', 'misfit'];

console.log(`Curves that follow the line: coverage of the 95 % intervals, ${CURVES} curves each\n`);
const straight = CASES.flatMap(([noise, misfit]) =>
  [5, 8, 14].map((count) => row('straight', count, noise, misfit)),
);
printTable([
  [...START, ...COVERED, 'false break'],
  ...straight.map(({ start, judged, bent }) => [...start, ...judged, bent[0]]),
]);

console.log(`\nCurves that bend at ${BREAK} bytes, beyond which bytes take twice as long\n`);
const bent = CASES.flatMap(([noise, misfit]) =>
  [11, 14].map((count) => row('bent', count, noise, misfit)),
);
printTable([
  [...START, ...COVERED.slice(0, 6), 'break found', 'break', 'high/low'],
  ...bent.map(({ start, judged, bent: bends }) => [...start, ...judged.slice(0, 6), ...bends]),
]);

console.log('\nCurves that do not follow the line: a step at 1 MiB, and a square root\n');
const others = [];
for (const line of ['step', 'square root']) {
  for (const misfit of [0, 0.03]) others.push(row(line, 14, 'normal, 3 %', misfit));
}
printTable([
  [...START, ...COVERED.slice(0, 6), 'break found'],
  ...others.map(({ start, judged, bent: bends }) => [...start, ...judged.slice(0, 6), bends[0]]),
]);

/** Whether the interval for a call holds the truth when every run counts as an observation. */
function heldByRuns(sizes, misfit, random) {
  const runs = sizes.flatMap((bytes) => {
    const level = levelOf('straight', bytes, misfit, random);
    return times(RUNS, () => ({ bytes, time: bytes / (level * (1 + 0.03 * random.normal())) }));
  });
  const line = relativeLine(runs);
  if (!line) throw new Error('the runs give no line');
  const { coefficients, covariance, rest } = line;
  const degrees = runs.length - 2;
  const reach = studentQuantile(0.05, degrees) * Math.sqrt((covariance[0][0] * rest) / degrees);
  return Math.abs(coefficients[0] - TRUTH.call) <= reach;
}

/** Returns the squares that a fit leaves; infinite where there is no fit. */
function restOf(columns, y) {
  return leastSquares(columns, y)?.rest ?? Number.POSITIVE_INFINITY;
}

/** Whether two straight lines in the logarithms of bandwidth and buffer are found better than one. */
function bendsInLogs(sizes, misfit, random) {
  const x = sizes.map(Math.log);
  const y = sizes.map((bytes) => Math.log(levelOf('straight', bytes, misfit, random)));
  const ones = x.map(() => 1);
  const rest = Math.min(
    ...x.slice(2, -2).map((at) => restOf([ones, x, x.map((each) => Math.max(0, each - at))], y)),
  );
  const degrees = sizes.length - 4;
  const gain = (restOf([ones, x], y) - rest) / 2 / (rest / degrees);
  return fisherTail(gain, 2, degrees) < 0.01;
}

console.log('\nWhat is not done, on the straight curves with runs that vary by 3 %\n');
printTable([
  ['off by', 'sizes', 'call, each run an observation', 'false break, lines in logs'],
  ...[0.01, 0.03].flatMap((misfit) =>
    [8, 14].map((count) => {
      const random = source(streams++);
      const sizes = doubling(count);
      const each = times(CURVES, () => [
        heldByRuns(sizes, misfit, random),
        bendsInLogs(sizes, misfit, random),
      ]);
      return [
        percent(misfit, 0),
        String(count),
        percent(share(each, ([held]) => held)),
        percent(share(each, ([, bends]) => bends)),
      ];
    }),
  ),
]);
