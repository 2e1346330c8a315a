import { describe, expect, it } from 'vitest';
import {
  type CellPair,
  type CellVerdict,
  type Comparison,
  compareCells,
  compareSamples,
} from '../../src/analyse/compare.ts';
import { gateOf } from '../../src/analyse/gate.ts';
import { sessionDeviation } from '../../src/analyse/session-deviation.ts';
import { samples } from './r.ts';

/** Values around 1000 with a standard deviation of 2. */
const many = samples(40, [30]);
const raised = (values: readonly number[], factor: number) => values.map((value) => value * factor);
/** Spread out from the median: 3 % of noise instead of 0.2 %. */
const noisy = (values: readonly number[], times = 15) =>
  values.map((value) => 1000 + times * (value - 1000));
const gates = (pairs: readonly CellPair[], allowed: number, floor = 0) =>
  compareCells(pairs, { floor }).map((cell) => gateOf(cell, allowed));

/** An undecided cell with a given standard error. */
function cellWith(error: number, change: Partial<Comparison>): CellVerdict {
  const reach = Math.exp(1.959963984540054 * error);
  return {
    ...compareSamples({ a: many[0]!, b: many[1]! })!,
    ...{ low: 1 / reach, high: reach, level: 0.95, bounds: { low: 0.9, high: 1.1, level: 0.9 } },
    ...{ verdict: 'inconclusive', correctedP: 1, detectable: undefined },
    ...change,
  };
}

describe('the gate', () => {
  it('fails a tenfold slowdown of one cell in eight, with five runs a side', () => {
    const pairs = Array.from({ length: 8 }, (_, at) => ({
      a: many[at]!.slice(0, 5),
      b: raised(many[at + 8]!.slice(0, 5), at === 3 ? 0.1 : 1),
    }));
    // The corrected p of that cell cannot be small; the gate does not ask it.
    const [, , , slow] = compareCells(pairs);
    expect(slow).toMatchObject({ verdict: 'inconclusive' });
    expect(gates(pairs, 0.05).map(({ state }) => state)).toEqual(
      pairs.map((_, at) => (at === 3 ? 'slower' : 'passes')),
    );
  });

  it('passes, fails or abstains depending on where the limit lies', () => {
    const pair = (factor: number) => ({ a: many[0]!, b: raised(many[1]!, factor) });
    const states = gates(
      [pair(1.2), pair(1), pair(0.955), pair(0.95), pair(0.945), pair(0.5)],
      0.05,
    );
    expect(states.map(({ state }) => state)).toEqual([
      ...['passes', 'passes', 'passes', 'undecided', 'slower', 'slower'],
    ]);
  });

  it('calls a cell slower when its upper bound is exactly at the limit', () => {
    const [cell] = compareCells([{ a: many[0]!, b: many[1]! }]);
    if (cell?.verdict === 'too few') throw new Error('there are enough runs');
    const at = (high: number) =>
      gateOf({ ...cell!, bounds: { low: 0.9, high, level: 0.95 } }, 0.05).state;
    expect([at(0.95), at(0.9501)]).toEqual(['slower', 'undecided']);
  });

  it('does not pass a cell whose lower bound is exactly at the limit', () => {
    const at = (low: number) =>
      gateOf(cellWith(0.03, { bounds: { low, high: 1.1, level: 0.9 } }), 0.05).state;
    expect([at(0.95), at(0.9501)]).toEqual(['undecided', 'passes']);
  });

  it('names the trials with which an unchanged cell passes nine times in ten', () => {
    const trials = (change: Parameters<typeof cellWith>[1], error = 0.03) =>
      gateOf(cellWith(error, change), 0.03);
    const enough = (count: number) => ({ state: 'undecided', trials: count, because: 'too wide' });
    // The error may be -log(0.97) / (1.645 + 1.282) = 0.010408; 10 (0.03 / 0.010408)^2 = 83.1.
    expect(trials({ nA: 10, nB: 10 })).toEqual(enough(84));
    // Two sessions that differ by 0.5 % take 2 0.005^2 of both: 10 0.00085 / 0.00005833 = 145.7.
    expect(trials({ nA: 10, nB: 10, floor: 0.005 })).toEqual(enough(146));
    // As good as 8 a side, and 7 blocks: 66.5 and 58.2.
    expect(trials({ nA: 5, nB: 20 })).toEqual(enough(67));
    expect(trials({ nA: 10, nB: 10, pairs: 7 })).toEqual(enough(59));
    // 9.8 trials would be enough, and 10 are there.
    const near = { state: 'undecided', trials: undefined, because: 'near the limit' };
    expect(trials({ nA: 10, nB: 10 }, 0.0103)).toEqual(near);
    expect(trials({ nA: 10, nB: 10 }, 0.0105)).toEqual(enough(11));
    expect(trials({ nA: 10, nB: 10, floor: 0.007 }, 0.001)).toEqual(near);
  });

  it('names the fewest repeats that leave room for the runs, or for half of the error', () => {
    const gate = (ofRuns: number, floorOf: (repeats: number) => number) =>
      gateOf(cellWith(Math.sqrt(2 * 0.02 ** 2 + ofRuns), { nA: 10, nB: 10, floor: 0.02 }), 0.05, {
        deviation: 0.01,
        sessions: 3,
        floorOf,
      });
    const few = (repeats?: number, trials?: number) => ({
      ...{ state: 'undecided', because: 'few repeats', repeats, trials },
    });
    // The error may be 0.017528, its square 0.00030722: 0.00020722 for the sessions, which is a
    // floor of 0.01018.
    const falling = (repeats: number) => 0.05 / repeats;
    expect(gate(0.0001, falling)).toEqual(few(5));
    // Half of it, a floor of 0.00876; with six repeats 0.00016834 is left: 10 0.0002 / 0.00016834.
    expect(gate(0.0002, falling)).toEqual(few(6, 12));
    expect(gate(0.0001, () => 0.001)).toEqual(few(4));
    const from = (least: number) => (repeats: number) => (repeats < least ? 0.05 : 0.001);
    expect(gate(0.0001, from(100))).toEqual(few(100));
    expect(gate(0.0001, from(101))).toEqual(few());
    // Nor is there a number of trials, however much the runs scatter.
    expect(gate(0.0004, from(101))).toEqual(few());
  });

  it('says how many trials would be enough where the runs scatter too much', () => {
    const pair = { a: noisy(many[2]!.slice(0, 5)), b: noisy(many[3]!.slice(0, 5)) };
    const [gate] = gates([pair], 0.03);
    expect(gate).toMatchObject({ state: 'undecided', because: 'too wide' });
    const trials = gate!.state === 'undecided' ? gate!.trials! : 0;
    // 2 * ((1.645 + 1.282) * 3 % / 3 %)^2 is 17, of a spread that is known; five runs guess it.
    expect(trials).toBeGreaterThan(5);
    expect(trials).toBeLessThan(60);
  });

  it('abstains where runs are too few or near the limit, or where sessions differ by more', () => {
    const pair = { a: many[4]!, b: many[5]! };
    expect(gates([{ a: many[4]!, b: many[5]!.slice(0, 3) }], 0.5)).toEqual([
      { state: 'undecided', trials: 5, because: 'too few' },
    ]);
    expect(gates([{ ...pair, b: raised(pair.b, 0.95) }], 0.05)).toEqual([
      { state: 'undecided', trials: undefined, because: 'near the limit' },
    ]);
    expect(gates([pair], 0.05, 0.05)).toEqual([
      { state: 'undecided', trials: undefined, because: 'sessions differ' },
    ]);
    expect(gates([pair], 0.05, 0.001)).toEqual([{ state: 'passes' }]);
  });

  it('blames the small number of repeats, and not the machine, where more repeats could settle it', () => {
    const cells = [{ a: many[4]!, b: many[5]! }];
    const repeated = (count: number, apart: number) =>
      sessionDeviation([
        Array.from({ length: count }, (_, at) => raised(many[at]!, 1 + apart * ((at % 3) - 1))),
      ])!;
    const gateWith = (sessions: ReturnType<typeof repeated>, allowed: number) =>
      compareCells(cells, { floor: sessions.floor }).map((it) => gateOf(it, allowed, sessions))[0]!;
    // For 5 % sessions may differ by up to 1.2 %: they do by 1 %, and three repeats make 2.2 % of it.
    const few = repeated(3, 0.01);
    expect(few.deviation).toBeLessThan(0.0124);
    const gate = gateWith(few, 0.05);
    expect(gate).toMatchObject({ state: 'undecided', because: 'few repeats', trials: undefined });
    const { repeats = 0 } = gate as { repeats?: number };
    expect(repeats).toBeGreaterThan(3);
    expect(few.floorOf(repeats)).toBeLessThan(few.floorOf(repeats - 1));
    expect(gateWith(repeated(repeats, 0.009), 0.05)).toEqual({ state: 'passes' });
    const loud = { a: noisy(many[2]!.slice(0, 8), 30), b: noisy(many[3]!.slice(0, 8), 30) };
    const near = repeated(3, 0.0075);
    const [cell] = compareCells([loud], { floor: near.floor });
    const both = gateOf(cell!, 0.05, near);
    expect(both).toMatchObject({ because: 'few repeats', repeats: expect.any(Number) });
    expect((both as { trials?: number }).trials).toBeGreaterThan(8);
    const far = repeated(3, 0.05);
    expect(gateWith(far, 0.05)).toMatchObject({ because: 'sessions differ', trials: undefined });
  });
});
