import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findSteps } from '../../src/analyse/steps.ts';
import { samples } from './r.ts';

const OPTIONS = { leastDeviation: 0.001, series: 1 };
/** Noise of a standard deviation of `noise`, the same in every run. */
const noisy = (count: number, noise: number) =>
  samples(1, [count])[0]!.map((it) => ((it - 1000) / 2) * noise);
const stepped = (count: number, at: number, change: number, noise: number) =>
  noisy(count, noise).map((it, place) => it + (place < at ? 0 : change));

describe('the steps of a series', () => {
  it('are found with their size, their place and the levels around them', () => {
    const found = findSteps(stepped(60, 40, -0.1, 0.01), OPTIONS)!;
    expect(found.steps).toHaveLength(1);
    const [{ first, earliest, latest, change, interval, before, after }] = found.steps as [
      (typeof found.steps)[number],
    ];
    expect([first, earliest <= 40, latest >= 40]).toEqual([40, true, true]);
    expect(interval.low).toBeLessThan(-0.1);
    expect(interval.high).toBeGreaterThan(-0.1);
    expect(after - before).toBeCloseTo(change, 12);
    expect(found.stretches.map(({ from, to }) => [from, to])).toEqual([
      [0, 40],
      [40, 60],
    ]);
    expect(found.deviation).toBeGreaterThan(0.007);
    expect(found.deviation).toBeLessThan(0.013);
  });

  it('are found from their second value on, not at the first', () => {
    const values = stepped(32, 30, -0.1, 0.01);
    expect(findSteps(values.slice(0, 31), OPTIONS)!.steps).toEqual([]);
    expect(findSteps(values, OPTIONS)!.steps.map(({ first }) => first)).toEqual([30]);
  });

  it('are not made by a single bad night, however bad, wherever it is', () => {
    fc.assert(
      fc.property(fc.nat(49), fc.double({ min: -9, max: 9, noNaN: true }), (at, size) => {
        const values = noisy(50, 0.01).map((it, place) => it + (place === at ? size : 0));
        expect(findSteps(values, OPTIONS)!.steps).toEqual([]);
      }),
    );
  });

  it('are not found where nothing changes', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 4, max: 80 }),
        fc.double({ min: -40, max: 40, noNaN: true }),
        (count, level) => {
          const found = findSteps(Array(count).fill(level), OPTIONS)!;
          expect(found.steps).toEqual([]);
          expect(found.stretches).toHaveLength(1);
          expect(found.stretches[0].level).toBeCloseTo(level, 9);
        },
      ),
    );
  });

  it('stay in their places when the same number is added to all values', () => {
    const values = stepped(50, 20, 0.08, 0.015);
    const places = (series: readonly number[]) =>
      findSteps(series, OPTIONS)!.steps.map(({ first, earliest, latest }) => [
        ...[first, earliest, latest],
      ]);
    expect(places(values)).toHaveLength(1);
    fc.assert(
      fc.property(fc.double({ min: -30, max: 30, noNaN: true }), (shift) => {
        expect(places(values.map((it) => it + shift))).toEqual(places(values));
      }),
    );
  });

  it('are found backwards at the same places, where a stretch ends instead of beginning', () => {
    const values = stepped(50, 20, 0.08, 0.015);
    const [forwards] = findSteps(values, OPTIONS)!.steps;
    const [backwards] = findSteps(values.toReversed(), OPTIONS)!.steps;
    expect(backwards).toMatchObject({
      first: 50 - forwards!.first,
      earliest: 50 - forwards!.latest,
      latest: 50 - forwards!.earliest,
    });
    expect(backwards!.change).toBeCloseTo(-forwards!.change, 12);
  });

  it('have to be larger the fewer values there are, and the more series are looked at', () => {
    const quiet = noisy(100, 0.01);
    const detectable = (count: number, series = 1) =>
      findSteps(quiet.slice(0, count), { ...OPTIONS, leastDeviation: 0.02, series })!.detectable;
    expect(detectable(10)).toBeGreaterThan(detectable(30));
    expect(detectable(30)).toBeGreaterThan(detectable(100));
    expect(detectable(100, 20)).toBeGreaterThan(detectable(100));
  });

  it('are found from the second value on when they exceed the detectable size', () => {
    const quiet = noisy(60, 0.01);
    const { detectable } = findSteps(quiet, OPTIONS)!;
    const after = (change: number) =>
      findSteps([...quiet, ...[0.001, -0.001].map((it) => it + change)], OPTIONS)!.steps;
    expect(after(-1.2 * detectable)).toHaveLength(1);
    expect(after(-0.7 * detectable)).toEqual([]);
  });

  it('have to be larger the fewer values there are after the last one, by the square root of 1/2 + 1/n', () => {
    const options = { ...OPTIONS, leastDeviation: 1 };
    const whole = findSteps(stepped(40, 0, 0, 0), options)!;
    const short = findSteps(stepped(40, 36, 100, 0), options)!;
    expect([whole.steps.length, short.steps.length]).toEqual([0, 1]);
    expect(short.detectable / whole.detectable).toBeCloseTo(
      Math.sqrt((1 / 2 + 1 / 4) / (1 / 2 + 1 / 40)),
      9,
    );
  });

  it('have intervals and detectable sizes of the quantiles that are promised', () => {
    const levels = [...Array(20).fill(0), ...Array(20).fill(12), ...Array(20).fill(0)];
    const { steps, detectable, stretches } = findSteps(levels, { leastDeviation: 2, series: 1 })!;
    expect(
      steps.map(({ first, earliest, latest, change }) => [first, earliest, latest, change]),
    ).toEqual([
      [20, 20, 20, 12],
      [40, 40, 40, -12],
    ]);
    expect(stretches.map(({ from, to, level }) => [from, to, level])).toEqual([
      [0, 20, 0],
      [20, 40, 12],
      [40, 60, 0],
    ]);
    // R: qt(0.975, 0.7 * 60) * 2 * sqrt(1/20 + 1/20)
    for (const { interval, change } of steps) {
      expect(interval.high - change).toBeCloseTo(1.27634693704347, 10);
      expect(change - interval.low).toBeCloseTo(1.27634693704347, 10);
    }
    // R: (qt(1 - 0.05 / (365 * 5 * series) / 2, 0.7 * n) + qnorm(0.8)) * 2 * sqrt(1/2 + 1/last)
    expect(detectable).toBeCloseTo(8.23001721170475, 9);
    const three = findSteps(Array(40).fill(0), { leastDeviation: 2, series: 3 })!;
    expect(three.detectable).toBeCloseTo(9.05473947119769, 9);
  });

  it('may be at any place that costs at most as much more as chance gives', () => {
    // With 20 values of 0 before it and 19 of 12 behind, v belongs to the latter if it is above 6.
    // To the former it would cost 20/21 (v/2)^2 - 19/20 (6 - v/2)^2 more: at v = 7.403 as much as
    // -2 log(1 - sqrt(0.95)) (qt(0.975, 28) / qnorm(0.975))^2 = 8.031, says R.
    const between = (value: number) => {
      const values = [...Array(20).fill(0), value, ...Array(19).fill(12)];
      const [step] = findSteps(values, { leastDeviation: 2, series: 1 })!.steps;
      return [step!.first, step!.earliest, step!.latest];
    };
    expect(between(7.35)).toEqual([20, 20, 21]);
    expect(between(7.45)).toEqual([20, 20, 20]);
    expect(between(12 - 7.35)).toEqual([21, 20, 21]);
    expect(between(12 - 7.45)).toEqual([21, 21, 21]);
  });

  it('are not looked for in fewer than four values', () => {
    expect(findSteps([1, 1, 2], OPTIONS)).toBeUndefined();
    expect(findSteps([1, 1, 2, 2], OPTIONS)).toBeDefined();
  });

  it('are believed only beyond the scatter that the runs of a sweep show', () => {
    const values = stepped(40, 20, 0.01, 0.001);
    expect(findSteps(values, OPTIONS)!.steps).toHaveLength(1);
    expect(findSteps(values, { ...OPTIONS, leastDeviation: 0.02 })!.steps).toEqual([]);
  });
});
