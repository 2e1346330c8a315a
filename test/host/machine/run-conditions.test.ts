import { describe, expect, it } from 'vitest';
import { conditionDoubts, runConditions } from '../../../src/host/machine/run-conditions.ts';

const stat = (steal0: number, switches: number) =>
  `cpu  9 9 9 9 9 9 9 999 0 0\ncpu0 1 2 3 4 5 6 7 ${steal0} 0 0\ncpu1 1 2 3 4 5 6 7 555 0 0\nctxt ${switches}\n`;

describe('the conditions of a run', () => {
  it('are what moved between its begin and its end', () => {
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
    });
  });

  it('are null where this machine does not tell', () => {
    expect(runConditions({ before: [], after: [undefined], load1min: undefined })).toEqual({
      load1min: 0,
      cpu0Khz: null,
      stealNs: null,
      throttleEvents: null,
      contextSwitches: null,
    });
  });

  it('are not negative when the machine was moved to another host', () => {
    const watched = { before: [stat(10, 1)], after: [stat(0, 2)], load1min: 1 };
    expect(runConditions(watched).stealNs).toBe(0);
  });
});

describe('a doubt about a run', () => {
  const calm = { load1min: 1, cpu0Khz: null, stealNs: 0, throttleEvents: 0, contextSwitches: 9 };
  const codes = (change: object, wallNs: number) =>
    conditionDoubts({ ...calm, ...change }, wallNs).map(({ code, suspect }) => [code, suspect]);

  it('is none when nothing disturbed it, or when nothing is known', () => {
    expect(codes({}, 1e9)).toEqual([]);
    expect(codes({ stealNs: null, throttleEvents: null }, 1e9)).toEqual([]);
  });

  it('comes with steal of more than 1 % for certain, and does not make the run suspect', () => {
    expect(codes({ stealNs: 20e6 }, 0.9e9)).toEqual([['steal', false]]);
    expect(codes({ stealNs: 20e6 }, 1e9)).toEqual([]);
    // One tick may have been nearly full before a short run began.
    expect(codes({ stealNs: 10e6 }, 5e6)).toEqual([]);
  });

  it('comes with throttling', () => {
    expect(codes({ throttleEvents: 1 }, 1e9)).toEqual([['throttled', false]]);
  });
});
