import { describe, expect, it } from 'vitest';
import { conditionDoubts, runConditions } from '../../../src/host/machine/run-conditions.ts';

const stat = (steal0: number, switches: number) =>
  `cpu  9 9 9 9 9 9 9 999 0 0\ncpu0 1 2 3 4 5 6 7 ${steal0} 0 0\ncpu1 1 2 3 4 5 6 7 555 0 0\nctxt ${switches}\n`;

describe('the conditions of a run', () => {
  it('are what has changed between its begin and its end', () => {
    const watched = {
      before: [stat(10, 5000), '7\n', '800000\n'],
      after: [stat(13, 5600), '9\n', '2400000\n'],
      load1min: 0.5,
    };
    expect(runConditions(watched)).toEqual({
      load1min: 0.5,
      cpu0Khz: 2_400_000,
      stealNs: 30_000_000,
      throttleEvents: 2,
      contextSwitches: 600,
      quotaThrottledPeriods: null,
    });
  });

  it('are null where this machine does not report them', () => {
    expect(runConditions({ before: [], after: [undefined], load1min: undefined })).toEqual({
      load1min: 0,
      cpu0Khz: null,
      stealNs: null,
      throttleEvents: null,
      contextSwitches: null,
      quotaThrottledPeriods: null,
    });
  });

  it('leave out processor 0 when the benchmark was not bound to it, or could not be', () => {
    const texts = [stat(10, 5000), '7', '800000'];
    const watched = { before: texts, after: texts, load1min: 1 };
    const unknown = { cpu0Khz: null, stealNs: null, throttleEvents: null };
    expect(runConditions(watched, false)).toMatchObject(unknown);
    expect(runConditions(watched, true)).toMatchObject({ cpu0Khz: 800_000, stealNs: 0 });
  });

  it('count the periods in which a quota stopped something', () => {
    const stats = (inner: number, outer: number) => [
      ...[undefined, undefined, undefined],
      ...[`nr_periods 9\nnr_throttled ${inner}\n`, `nr_throttled ${outer}`],
    ];
    const watched = { before: stats(5, 1), after: stats(195, 4), load1min: 1 };
    expect(runConditions(watched).quotaThrottledPeriods).toBe(193);
    const none = { before: stats(5, 1).slice(0, 3), after: [], load1min: 1 };
    expect(runConditions(none).quotaThrottledPeriods).toBeNull();
  });

  it('are not negative when the machine was moved to another host', () => {
    const watched = { before: [stat(10, 1)], after: [stat(0, 2)], load1min: 1 };
    expect(runConditions(watched).stealNs).toBe(0);
  });
});

describe('a doubt about a run', () => {
  const calm = {
    load1min: 1,
    cpu0Khz: null,
    stealNs: 0,
    throttleEvents: 0,
    contextSwitches: 9,
    quotaThrottledPeriods: null,
  };
  const codes = (change: object, wallNs: number) =>
    conditionDoubts({ ...calm, ...change }, wallNs).map(({ code, suspect }) => [code, suspect]);

  it('does not arise when nothing disturbed the run, or when nothing is known', () => {
    expect(codes({}, 1e9)).toEqual([]);
    expect(codes({ stealNs: null, throttleEvents: null }, 1e9)).toEqual([]);
  });

  it('arises from steal that certainly exceeds 1 %, and does not make the run suspect', () => {
    expect(codes({ stealNs: 20e6 }, 0.9e9)).toEqual([['steal', false]]);
    expect(codes({ stealNs: 20e6 }, 1e9)).toEqual([]);
    // One tick may have been nearly full before a short run began.
    expect(codes({ stealNs: 10e6 }, 5e6)).toEqual([]);
  });

  it('arises from a CPU quota that stopped something', () => {
    expect(codes({ quotaThrottledPeriods: 0 }, 1e9)).toEqual([]);
    expect(codes({ quotaThrottledPeriods: 190 }, 1e9)).toEqual([['quota-throttled', false]]);
  });

  it('arises from throttling', () => {
    expect(codes({ throttleEvents: 1 }, 1e9)).toEqual([['throttled', false]]);
  });
});
