// How often two sweeps of the same thing are told apart because sessions of a machine differ, without and
// with the deviation that `compare --repeat` measures; and how well that is known. Simulated.
// Usage: npm run bench:sessions (after npm run build)
import { compareCells } from '../dist/analyse/compare.js';
import { sessionDeviation } from '../dist/analyse/session-deviation.js';
import { printTable } from './print-table.mjs';
import { source, times } from './simulated.mjs';

const N = 30;
const NOISE = 0.03;
/** The noise of each cell of the repeats: a single cell would hardly say anything. */
const NOISES = [NOISE, NOISE, NOISE, NOISE, NOISE, NOISE, NOISE, 0.3];
const PAIRS = 2000;
const SLOWDOWN = 0.1;

const percent = (share) => `${(100 * share).toFixed(1)} %`;
let streams = 3000;

/**
 * Some repeats of a sweep, and two more sweeps that are compared with what the repeats say: one that
 * is the same, and one that is slower. A session moves all its cells alike.
 */
function tried(deviation, repeats) {
  const random = source(streams++);
  const session = (factor = 1) => {
    const level = factor * Math.exp(deviation * random.normal());
    return NOISES.map((noise) => times(N, () => level * Math.exp(noise * random.normal())));
  };
  const count = { plain: 0, known: 0, measured: 0, found: 0, covered: 0 };
  for (let pair = 0; pair < PAIRS; pair++) {
    const made = times(repeats, () => session());
    const found = sessionDeviation(NOISES.map((_, cell) => made.map((cells) => cells[cell])));
    if (!found) throw new Error('the sessions show no deviation');
    if (found.low <= deviation && deviation <= found.high) count.covered++;
    // One cell of each pair: cells of one session have its level in common.
    const [[a], [same], [slower]] = [session(), session(), session(1 - SLOWDOWN)];
    const isCalled = (b, floor) => {
      const [{ verdict }] = compareCells([{ a, b }], { floor });
      return verdict === 'faster' || verdict === 'slower';
    };
    if (isCalled(same, 0)) count.plain++;
    if (isCalled(same, deviation)) count.known++;
    if (isCalled(same, found.floor)) count.measured++;
    if (isCalled(slower, found.floor)) count.found++;
  }
  return Object.fromEntries(Object.entries(count).map(([key, sum]) => [key, sum / PAIRS]));
}

console.log(
  `Two sweeps of one thing, ${N} runs of each cell with ${percent(NOISE)} of noise; the deviation between sessions is measured\nby repeats of ${NOISES.length} such cells, of which the last has ${percent(NOISES.at(-1))}. ${PAIRS} pairs each\n`,
);
printTable([
  [
    ...['deviation', 'repeats', 'false calls: without', 'if it were known', 'with --repeat'],
    ...['finds 10 % slower', 'its interval holds it'],
  ],
  ...[0, 0.01, 0.02, 0.05].flatMap((deviation) =>
    [2, 3, 5, 10].map((repeats) => {
      const { plain, known, measured, found, covered } = tried(deviation, repeats);
      return [
        ...[percent(deviation), String(repeats), percent(plain), percent(known)],
        ...[percent(measured), percent(found), percent(covered)],
      ];
    }),
  ),
]);
