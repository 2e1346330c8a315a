// How well `history` knows the noise, how soon it finds a step, how often it finds one where there is none,
// and how often its intervals hold the truth. Simulated.
// Usage: npm run bench:history -- [noise|found|intervals|false-steps [NOISE]] (after npm run build); all of it takes long
import { deviationWithoutSteps } from '../dist/analyse/biweight.js';
import { serialDependence } from '../dist/analyse/serial-dependence.js';
import { DOUBT_P } from '../dist/analyse/series-warnings.js';
import { findSteps } from '../dist/analyse/steps.js';
import { printTable } from './print-table.mjs';
import { source, times } from './simulated.mjs';

const YEARS = 100;
const NIGHTS = 365;
const SLOWER = Math.log(0.9);
const HISTORIES = 1000;
const SERIES = 10_000;
const CELLS = 8;
const LEAST_DEVIATION = 0.001;

const percent = (share, digits = 1) => `${(100 * share).toFixed(digits)} %`;
/** The stream of random numbers. Each part has its own, so that one part alone prints the same. */
let streams = 0;

/**
 * How much a night's median may differ, as a share of its level, where 1 % is the noise; in order.
 */
const NOISES = {
  normal: ({ normal }) => normal,
  /** Student's t with 4 degrees of freedom, scaled to the same quartiles as a normal one. */
  'heavy tails': ({ normal }) => {
    const scale = () => Math.sqrt(times(4, normal).reduce((sum, it) => sum + it * it, 0) / 4);
    return () => (0.911 * normal()) / scale();
  },
  'a bad night in 100':
    ({ normal, uniform }) =>
    () =>
      normal() - (uniform() < 0.01 ? 10 : 0),
  'a bad night in 30':
    ({ normal, uniform }) =>
    () =>
      normal() - (uniform() < 1 / 30 ? 10 : 0),
  'correlated, 0.2': ({ normal }) => correlated(normal, 0.2),
  'correlated, 0.5': ({ normal }) => correlated(normal, 0.5),
  /** Medians of 11 runs with 3 % of noise, on a machine whose sessions differ by 1 %, in percent. */
  'sweeps of 11 runs':
    ({ normal }) =>
    () =>
      normal() + times(11, () => 3 * normal()).toSorted((a, b) => a - b)[5],
};

function correlated(normal, correlation) {
  let last = normal();
  return () => {
    last = correlation * last + Math.sqrt(1 - correlation ** 2) * normal();
    return last;
  };
}

const stepsOf = (values, series = 1) =>
  findSteps(values, { leastDeviation: LEAST_DEVIATION, series })?.steps ?? [];

/** Whether what is left beside the levels is not independent, as the warning says. */
function isDoubted(values) {
  const steps = findSteps(values, { leastDeviation: LEAST_DEVIATION, series: 1 });
  const rest = (steps?.stretches ?? []).flatMap(({ from, to, level }) =>
    values.slice(from, to).map((value) => value - level),
  );
  const dependence = serialDependence(rest);
  return dependence !== undefined && dependence.p < DOUBT_P;
}

/**
 * Years in which a step is found at any look, one a night, in which one is left at the end, and which
 * then raise the doubt `autocorrelated`.
 */
function falseSteps(model, years, series) {
  const random = source(streams++);
  const noise = NOISES[model](random);
  const count = { ever: 0, end: 0, doubted: 0 };
  for (let year = 0; year < years; year++) {
    const values = times(NIGHTS, () => 0.02 * noise());
    const isFoundAfter = (nights) => stepsOf(values.slice(0, nights), series).length > 0;
    if (times(NIGHTS, (_, at) => at + 1).some(isFoundAfter)) count.ever++;
    if (isFoundAfter(NIGHTS)) count.end++;
    if (isDoubted(values)) count.doubted++;
  }
  return [count.ever, count.end, count.doubted].map((sum) => percent(sum / years));
}

/**
 * Histories of 100 nights with a step somewhere, as they look so many nights after it.
 * @param {string} model
 * @param {number} noise
 * @param {{ series?: number, before?: number }} options `before`: how many nights are before the step
 */
function found(model, noise, { series = 1, before } = {}) {
  const random = source(streams++);
  const draw = NOISES[model](random);
  const after = [2, 3, 4, 7];
  const count = after.map(() => 0);
  for (let history = 0; history < HISTORIES; history++) {
    const quiet = before ?? 20 + Math.floor(random.uniform() * 74);
    const values = times(quiet + 7, (_, at) => (at < quiet ? 0 : SLOWER) + noise * draw());
    after.forEach((nights, at) => {
      const steps = stepsOf(values.slice(0, quiet + nights), series);
      if (steps.some(({ first }) => Math.abs(first - quiet) <= 1)) count[at]++;
    });
  }
  return count.map((each) => percent(each / HISTORIES));
}

/** The degrees of freedom of the squared deviation that is estimated from so many values without a step. */
function freedom(count) {
  const { normal } = source(streams++);
  const squares = times(SERIES, () => deviationWithoutSteps(times(count, normal)) ** 2);
  const mean = squares.reduce((sum, it) => sum + it, 0) / SERIES;
  const variance = squares.reduce((sum, it) => sum + (it - mean) ** 2, 0) / (SERIES - 1);
  return (2 * mean ** 2) / variance;
}

/** How often intervals hold the truth, of the steps that are found. */
function coverage(noise, change, { nights }) {
  const random = source(streams++);
  const draw = NOISES.normal(random);
  const count = { found: 0, position: 0, width: 0, ratio: 0 };
  for (let history = 0; history < HISTORIES; history++) {
    const values = times(60 + nights, (_, at) => (at < 60 ? 0 : change) + noise * draw());
    const steps = stepsOf(values);
    if (steps.length !== 1) continue;
    const [{ earliest, latest, interval }] = steps;
    count.found++;
    count.width += latest - earliest + 1;
    if (earliest <= 60 && 60 <= latest) count.position++;
    if (interval.low <= change && change <= interval.high) count.ratio++;
  }
  const share = (sum) => percent(sum / count.found);
  return [
    ...[percent(count.found / HISTORIES), share(count.position)],
    ...[(count.width / count.found).toFixed(1), share(count.ratio)],
  ];
}

const parts = {
  noise() {
    streams = 6000;
    console.log(
      `Degrees of freedom of the noise that is estimated from so many nights. ${SERIES} histories each\n`,
    );
    printTable([
      ['nights', 'degrees of freedom', 'a night'],
      ...[5, 10, 20, 50, 100, 365].map((nights) => {
        const degrees = freedom(nights);
        return [String(nights), degrees.toFixed(1), (degrees / nights).toFixed(2)];
      }),
    ]);
  },

  found() {
    streams = 7000;
    console.log(
      `\nA step of 10 % in a cell's history, somewhere after 20 to 93 nights: found, at most one night off, so many nights\nafter it (2: when the second night of the new level is there). ${HISTORIES} histories each\n`,
    );
    printTable([
      ['noise of a night', 'cells', '2 nights', '3 nights', '4 nights', '7 nights'],
      ...[0.01, 0.015, 0.02, 0.03, 0.05].flatMap((noise) =>
        [1, CELLS].map((series) => [
          ...[`normal, ${percent(noise)}`, String(series), ...found('normal', noise, { series })],
        ]),
      ),
      ...['heavy tails', 'a bad night in 100', 'a bad night in 30', 'correlated, 0.5'].map(
        (model) => [`${model}, 1.5 %`, '1', ...found(model, 0.015)],
      ),
      ...[5, 10, 20, 50, 200].map((before) => [
        ...[`normal, 1.5 %, after ${before} nights`, '1', ...found('normal', 0.015, { before })],
      ]),
      ...[1, CELLS].map((series) => [
        ...['sweeps of 11 runs', String(series), ...found('sweeps of 11 runs', 0.01, { series })],
      ]),
    ]);
  },

  intervals() {
    streams = 8000;
    console.log(
      `\nIntervals of the steps that are found after 60 nights, 95 % meant. ${HISTORIES} histories each\n`,
    );
    printTable([
      ['noise, step', 'nights after it', 'found', 'holds the night', 'nights', 'holds the ratio'],
      ...[0.015, 0.03].flatMap((noise) =>
        [0.1, 0.05, 0.03].flatMap((change) =>
          [2, 7, 30].map((nights) => [
            ...[`${percent(noise)}, ${percent(change, 0)}`, String(nights)],
            ...coverage(noise, Math.log(1 - change), { nights }),
          ]),
        ),
      ),
    ]);
  },

  'false-steps'(only) {
    console.log(
      `\nYears of nightly sweeps without a step in which one is found: at any of the ${NIGHTS} looks, at the last;\nand years with the doubt \`autocorrelated\`\n`,
    );
    const models = Object.keys(NOISES);
    printTable([
      ['noise of a night', 'cells', 'years', 'at any look', 'at the last', 'autocorrelated'],
      ...models
        .filter((model) => model !== 'sweeps of 11 runs' && (only ?? model) === model)
        .map((model) => {
          streams = 9000 + models.indexOf(model);
          const years = model === 'normal' ? YEARS : YEARS / 2;
          return [model, '1', String(years), ...falseSteps(model, years, 1)];
        }),
    ]);
  },
};

const [, , part, noise] = process.argv;
for (const name of part === undefined ? Object.keys(parts) : [part]) parts[name](noise);
