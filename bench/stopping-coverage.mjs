// What is left of the 95 % interval of a median where the values decide how many trials there are:
// 20000 simulated cells of each kind, trials on until half the interval is as narrow as asked for.
// Usage: npm run bench:stopping (after npm run build)
import { relativeHalfWidth } from '../dist/analyse/interval.js';
import { medianInterval } from '../dist/analyse/median-interval.js';
import { median } from '../dist/analyse/statistics.js';
import { trialsCalledFor } from '../dist/analyse/trials-called-for.js';
import { printTable } from './print-table.mjs';
import { DISTRIBUTIONS, source, times } from './simulated.mjs';

const CELLS = 20_000;
/** Looking after every trial is slow. */
const CELLS_LOOKED_AT = 4000;
const CAP = 50;
/** The widths at which stopping acts: narrower ones end at the cap, wider ones with the pilot. */
const ASKED = {
  normal: [0.03, 0.02, 0.015],
  'log-normal': [0.3, 0.2, 0.15],
  bimodal: [0.1, 0.04, 0.02],
};
let streams = 2000;

const percent = (share, digits = 1) => `${(100 * share).toFixed(digits)} %`;
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const widthOf = (values) => {
  const interval = medianInterval(values);
  return interval ? relativeHalfWidth(median(values), interval) : Number.POSITIVE_INFINITY;
};

/** A cell's values as `run` makes them. */
function inStages(draw, least, asked) {
  const sweep = { controls: 0, warmup: 0, trials_min: least, relative_ci: asked };
  const values = times(least, draw);
  const rowsBefore = (trial) =>
    values
      .slice(0, trial - 1)
      .map((bandwidth, at) => ({ cell: 1, run_id: at, trial: at + 1, traced: 0, bandwidth }));
  for (;;) {
    const { trials } = trialsCalledFor(rowsBefore, 1, sweep, values.length);
    const wanted = Math.min(trials, CAP);
    if (wanted <= values.length) return values;
    values.push(...times(wanted - values.length, draw));
  }
}

/** The rule that is not used: on until an interval is narrow enough, looked at after every trial. */
function afterEveryTrial(draw, least, asked) {
  const values = times(least, draw);
  while (values.length < CAP && widthOf(values) > asked) values.push(draw());
  return values;
}

function coverage(cells, truth) {
  const intervals = cells.map(medianInterval);
  return intervals.filter(({ low, high }) => low <= truth && truth <= high).length / cells.length;
}

const rows = Object.entries(ASKED).flatMap(([name, widths]) =>
  widths.flatMap((asked) =>
    [5, 11, 20].map((least) => {
      const random = source(streams++);
      const { median: truth, draw } = DISTRIBUTIONS[name];
      const one = () => draw(random);
      const cells = times(CELLS, () => inStages(one, least, asked));
      const wide = cells.filter((values) => widthOf(values) > asked);
      const capped = wide.filter((values) => values.length >= CAP).length;
      const looked = times(CELLS_LOOKED_AT, () => afterEveryTrial(one, least, asked));
      return [
        name,
        percent(asked),
        String(least),
        mean(cells.map((values) => values.length)).toFixed(1),
        percent(capped / CELLS),
        percent((wide.length - capped) / CELLS),
        percent(coverage(cells, truth)),
        percent(coverage(looked, truth)),
      ];
    }),
  ),
);
console.log(`Trials until a precision, at most ${CAP}, ${CELLS} cells each\n`);
printTable([
  ['sample', 'asked for', 'min', 'mean n', 'cap', 'missed', 'coverage', 'after every trial'],
  ...rows,
]);
