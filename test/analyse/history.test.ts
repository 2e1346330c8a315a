import { describe, expect, it } from 'vitest';
import {
  groupLevels,
  type HistoryPoint,
  type HistorySeries,
  historyOf,
  isNew,
  type MeasuredSeries,
} from '../../src/analyse/history.ts';
import { seriesNames, sinceWhen, sweepNamer } from '../../src/report/history/words.ts';
import { samples } from './r.ts';

const CELL = {
  ...{ cell: 1, ipc: 'pipe', mode: '2proc', buffer_bytes: 4096, total_bytes: 2 ** 20 },
  ...{ socket_buffers: 0, host: 'local', host_axis: 0, program: '' },
};
const noise = samples(1, [60])[0]!.map((value) => 1 + (value - 1000) / 200);

function point(night: number, change: Partial<HistoryPoint> = {}): HistoryPoint {
  const startedAt = new Date(Date.UTC(2026, 2, 1 + night, 1)).toISOString();
  return {
    sweep: { file: 'lab.db', id: night + 1, name: 'lab', startedAt, identity: 'a'.repeat(64) },
    ...{ group: '', facts: new Map(), runs: 11, median: 1e9 * noise[night]! },
    ...{ interval: undefined, error: undefined, doubts: [] },
    ...change,
  };
}

const series = (points: readonly HistoryPoint[], change: Partial<MeasuredSeries> = {}) => ({
  ...{ cell: CELL, machine: 'vm', measured: 'untraced', points },
  ...change,
});

/** A history of 40 nights, slower by a tenth from the 21st on. */
const slower = (changeOf: (night: number) => Partial<HistoryPoint> = () => ({})) =>
  historyOf([
    series(
      Array.from({ length: 40 }, (_, night) => {
        const made = point(night);
        return { ...made, median: made.median * (night < 20 ? 1 : 0.9), ...changeOf(night) };
      }),
    ),
  ])[0]!;
const stepOf = ({ found }: HistorySeries) => {
  expect(found?.steps).toHaveLength(1);
  return found!.steps[0]!;
};
const said = (one: HistorySeries) =>
  sinceWhen(one, stepOf(one), sweepNamer(one.points.map(({ sweep }) => sweep)));

describe('a history', () => {
  it('has levels and ratios in bytes per second, whatever the unit of the medians', () => {
    const step = stepOf(slower());
    expect(step.first).toBe(20);
    expect(step.ratio).toBeCloseTo(0.9, 2);
    expect(step.after / step.before).toBeCloseTo(step.ratio, 12);
    const scaled = stepOf(
      slower((night) => ({ median: 7 * point(night).median * (night < 20 ? 1 : 0.9) })),
    );
    expect(scaled.ratio).toBeCloseTo(step.ratio, 9);
    expect(scaled.before).toBeCloseTo(7 * step.before, 1);
  });

  it('names what else changed with the sweep at which a step begins', () => {
    const facts = (night: number) =>
      new Map([
        ['os_release', night < 20 ? '6.1.0-17' : '6.1.0-18'],
        ['git_commit', 'f'.repeat(40)],
      ]);
    const one = slower((night) => ({ facts: facts(night) }));
    expect(one.changes).toMatchObject([{ code: 'kernel', at: 20 }]);
    expect(said(one)).toBe(
      '2026-03-21 (lab-21), the first sweep with the kernel 6.1.0-18 (before: 6.1.0-17)',
    );
  });

  it('says that nothing else is known to have changed', () => {
    expect(said(slower())).toBe('2026-03-21 (lab-21); nothing else is known to have changed');
  });

  it('does not blame what changed elsewhere', () => {
    const one = slower((night) => ({
      facts: new Map([['git_commit', (night < 5 ? 'a' : 'b').repeat(40)]]),
    }));
    expect(one.changes).toMatchObject([
      { code: 'commit', at: 5, before: 'a'.repeat(12), after: 'b'.repeat(12) },
    ]);
    expect(stepOf(one).changes).toEqual([]);
  });

  it('names changed conditions by their identity, unless a named program explains them', () => {
    const identity = (night: number) => (night < 20 ? 'a' : 'b').repeat(64);
    const own = (night: number) => ({
      sweep: { ...point(night).sweep, identity: identity(night) },
    });
    expect(slower(own).changes).toMatchObject([{ code: 'conditions', at: 20 }]);
    const one = slower((night) => ({
      ...own(night),
      facts: new Map([['benchmark_sha256', identity(night)]]),
    }));
    expect(one.changes).toMatchObject([
      { code: 'benchmark', at: 20, before: 'a'.repeat(12), after: 'b'.repeat(12) },
    ]);
  });

  it('carries the doubts of the sweeps between which a step lies', () => {
    const one = slower((night) => ({
      doubts: night === 19 ? ['steal'] : night === 3 ? ['drift'] : [],
    }));
    expect(stepOf(one).doubts).toEqual(['steal']);
  });

  it('has the levels between its steps, and the interval of a step', () => {
    const { found } = slower();
    expect(found!.levels.map(({ from, to }) => [from, to])).toEqual([
      [0, 20],
      [20, 40],
    ]);
    const [before, after] = found!.levels.map(({ level }) => level);
    expect(before! / 1e9).toBeCloseTo(1, 2);
    expect(after! / 1e9).toBeCloseTo(0.9, 2);
    const { interval, ratio } = found!.steps[0]!;
    expect(interval.low).toBeLessThan(ratio);
    expect(interval.high).toBeGreaterThan(ratio);
    expect(interval.low).toBeGreaterThan(0.85);
    expect(interval.high).toBeLessThan(0.95);
    expect(found!.deviation).toBeGreaterThan(0);
    // What must change to be seen is a share, a little less than its logarithm.
    expect(found!.detectable).toBeGreaterThan(0);
    expect(found!.detectable).toBeLessThan(0.1);
  });

  it('blames and doubts what lies around the sweeps with which a step may begin', () => {
    const { earliest, latest } = stepOf(slower());
    const from = (first: number) => (night: number) => String(night >= first);
    const changed = {
      cpu_governor: from(earliest - 1),
      turbo: from(earliest),
      smt: from(latest),
      aslr: from(latest + 1),
    };
    const doubted = new Map([
      [earliest - 2, ['a']],
      [earliest - 1, ['b', 'c']],
      [latest, ['c', 'd']],
      [latest + 1, ['e']],
    ]);
    const one = slower((night) => ({
      facts: new Map(Object.entries(changed).map(([key, of]) => [key, of(night)])),
      doubts: doubted.get(night) ?? [],
    }));
    expect(one.changes.map(({ code, at }) => [code, at]).sort()).toEqual([
      ['aslr', latest + 1],
      ['governor', earliest - 1],
      ['smt', latest],
      ['turbo', earliest],
    ]);
    const step = stepOf(one);
    expect(step.changes.map(({ code }) => code).sort()).toEqual(['smt', 'turbo']);
    expect(step.doubts).toEqual(['b', 'c', 'd']);
  });

  it('names a commit only where it is known of both sweeps', () => {
    const known = (has: (night: number) => boolean) =>
      slower((night) => ({ facts: new Map(has(night) ? [['git_commit', 'a'.repeat(40)]] : []) }));
    expect(known((night) => night < 20).changes).toEqual([]);
    expect(known((night) => night >= 20).changes).toEqual([]);
  });

  it('takes another tracing program for what explains other conditions, and another kernel not', () => {
    const changed = (...keys: readonly string[]) =>
      slower((night) => {
        const value = (night < 20 ? 'a' : 'b').repeat(64);
        return {
          sweep: { ...point(night).sweep, identity: value },
          facts: new Map(keys.map((key) => [key, value])),
        };
      }).changes.map(({ code, before }) => [code, before.length]);
    expect(changed('trace_program_sha256')).toEqual([['trace-program', 12]]);
    expect(changed('os_release', 'trace_program_sha256')).toEqual([
      ['kernel', 64],
      ['trace-program', 12],
    ]);
    expect(changed('os_release')).toEqual([
      ['kernel', 64],
      ['conditions', 12],
    ]);
  });

  it('does not say that sweeps resemble each other where there are few, or all are the same', () => {
    const rising = (nights: number, by: number) =>
      historyOf([
        series(
          Array.from({ length: nights }, (_, night) =>
            point(night, { median: 1e9 * (1 + by * night) }),
          ),
        ),
      ])[0]!.found!.isAutocorrelated;
    expect([rising(9, 1e-6), rising(10, 1e-6), rising(40, 0)]).toEqual([false, true, false]);
  });

  it('does not believe a step that is within the scatter of the runs', () => {
    expect(slower(() => ({ error: 0.1 })).found?.steps).toEqual([]);
  });

  it('says when sweeps resemble the ones before them', () => {
    expect(slower().found?.isAutocorrelated).toBe(false);
    const waves = historyOf([
      series(
        Array.from({ length: 60 }, (_, night) =>
          point(night, { median: 1e9 * (1 + 0.01 * Math.sin(night / 4)) }),
        ),
      ),
    ])[0]!;
    expect(waves.found?.isAutocorrelated).toBe(true);
  });

  it('needs a larger step the more cells it looks at, not counting cells with too few sweeps', () => {
    const quiet = series(Array.from({ length: 40 }, (_, night) => point(night)));
    const few = series([point(0), point(1), point(2)]);
    const detectable = (all: readonly MeasuredSeries[]) => historyOf(all)[0]!.found!.detectable;
    expect(detectable([quiet, quiet, quiet])).toBeGreaterThan(detectable([quiet]));
    expect(detectable([quiet, few, few])).toBe(detectable([quiet]));
    expect(historyOf([few])[0]!.found).toBeUndefined();
  });
});

describe('a new step', () => {
  it('is a step that may be among the newest sweeps, or as late as a day', () => {
    const one = slower();
    const step = stepOf(one);
    const latest = step.latest;
    expect(isNew(one, step, { sweeps: 40 - latest })).toBe(true);
    expect(isNew(one, step, { sweeps: 39 - latest })).toBe(false);
    expect(isNew(one, step, { sweeps: 1000 })).toBe(true);
    const at = Date.parse(one.points[latest]!.sweep.startedAt);
    expect(isNew(one, step, { time: at })).toBe(true);
    expect(isNew(one, step, { time: at + 1 })).toBe(false);
  });

  it('is found by its time where sweeps are in another order', () => {
    const points = Array.from({ length: 40 }, (_, night) => night)
      .sort((a, b) => (a % 2) - (b % 2) || a - b)
      .map((night) => {
        const made = point(night, { group: night % 2 ? 'odd' : 'even' });
        return { ...made, median: made.median * (night % 2 ? 0.9 : 1) };
      });
    const [one] = historyOf([series(points)]);
    expect(stepOf(one!).first).toBe(20);
    // Its first sweep is the second of all.
    expect(isNew(one!, stepOf(one!), { sweeps: 30 })).toBe(false);
    expect(groupLevels(one!).map(({ group, sweeps }) => [group, sweeps])).toEqual([
      ['even', 20],
      ['odd', 20],
    ]);
  });
});

describe('the groups of a series', () => {
  it('have the median of their sweeps, and are none where it is ordered by time', () => {
    const made = (group: string, median: number) => point(0, { group, median });
    const grouped = series([made('6.1', 3), made('6.1', 1), made('6.2', 9), made('6.1', 2)]);
    expect(groupLevels(grouped)).toEqual([
      { group: '6.1', sweeps: 3, median: 2 },
      { group: '6.2', sweeps: 1, median: 9 },
    ]);
    expect(groupLevels(series([made('', 3), made('', 1)]))).toEqual([]);
  });
});

describe('the names of series', () => {
  const named = (...all: readonly Partial<MeasuredSeries>[]) =>
    seriesNames(historyOf(all.map((change) => series([point(0)], change))));

  it('are the names of cells, and no longer than it takes to distinguish them', () => {
    const cell = 'pipe 2proc 4 KiB of 1 MiB';
    expect(named({})).toEqual([cell]);
    expect(named({}, { machine: 'board' })).toEqual([`${cell} on vm`, `${cell} on board`]);
    expect(named({}, { measured: 'traced by strace' })).toEqual([
      `${cell}, untraced`,
      `${cell}, traced by strace`,
    ]);
    const onHost = { ...CELL, host: 'board-1', host_axis: 1 };
    expect(named({ cell: onHost }, { cell: onHost, machine: 'other' })).toEqual([
      `${cell} on board-1, vm`,
      `${cell} on board-1, other`,
    ]);
  });
});
