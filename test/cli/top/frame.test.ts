import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cut, textWidth } from '../../../src/cli/text-width.ts';
import { frame } from '../../../src/cli/top/frame.ts';
import { speedOf } from '../../../src/cli/top/speed.ts';
import type { WatchedCell, WatchedSweep } from '../../../src/cli/top/watched-sweep.ts';
import type { HostProgress } from '../../../src/store/host-progress.ts';
import type { LiveRun } from '../../../src/store/live.ts';
import type { SweepRow } from '../../../src/store/reader.ts';
import { plainScreen } from '../screens.ts';

const MIB = 1024 ** 2;

function cells(count: number): WatchedCell[] {
  return Array.from({ length: count }, (_, at) => ({
    cell: {
      ...{ cell: at + 1, ipc: 'pipe', mode: at % 2 === 0 ? '2proc' : '2thread' },
      ...{
        buffer_bytes: 2 ** (7 + at),
        total_bytes: MIB,
        socket_buffers: 0,
        host: '',
        host_axis: 0,
        program: '',
      },
    },
    ...{ done: 3, bad: 0, median: (at + 1) * 100 * MIB },
  }));
}

function run(change: Partial<LiveRun> = {}): LiveRun {
  return {
    ...{ run_id: 1, cell: 1, trial: 1, warmup: 0, traced: 1, state: 'completed', reason: null },
    ...{ environment_id: 1, host: 'local', started_at: '2026-01-02T03:04:05.000Z', wall_ns: 1e9 },
    active_ms: null,
    ...change,
  } as LiveRun;
}

function host(change: Partial<HostProgress> = {}): HostProgress {
  return {
    ...{ name: 'local', machine: 'vm', cells: 4, done: 10, planned: 40, bad: 0 },
    trouble: undefined,
    ...change,
  };
}

function watched(change: Partial<WatchedSweep> = {}): WatchedSweep {
  const sweep = {
    ...{ id: 7, name: 'wide', state: 'running', tracer: 'none', planned_runs: 40 },
    ...{ relative_ci: null, started_at: '2026-01-02T03:04:00.000Z' },
  } as unknown as SweepRow;
  return {
    ...{ sweep, done: 10, states: new Map([['completed', 10]]), cells: cells(4) },
    ...{ runsOfCell: 10, recent: [run()], hosts: [host()] },
    ...change,
  } as WatchedSweep;
}

const sight = (width: number, height: number) => ({ ...plainScreen(width), height });
const NOW = Date.parse('2026-01-02T03:04:08.000Z');

describe('a frame of top', () => {
  it('shows the progress of the sweep, its last runs, and its cells', () => {
    const recent = [
      run(),
      run({
        ...{ run_id: 2, cell: 2, trial: 2, state: 'timed-out', wall_ns: 5e8 },
        ...{ reason: 'not done\x1b[2J after 2 s', started_at: '2026-01-02T03:04:06.500Z' },
      }),
    ];
    const states = new Map([
      ['completed', 9],
      ['timed-out', 1],
    ]) as WatchedSweep['states'];
    expect(frame(watched({ recent, states }), sight(80, 24), NOW, 'q ends')).toEqual([
      'sweep wide-7: running, none, started 2026-01-02 03:04:00 UTC',
      '██████████░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░ 25%  10/40 runs',
      '1.0 runs/s, 30.0 s left, last run ended 1.0 s ago',
      'not good: 1 (1 timed-out)',
      '',
      'last runs  channel       buffer  total  trial    took',
      'timed-out  pipe 2thread   256 B  1 MiB      2  500 ms  not done [2J after 2 s',
      'completed  pipe 2proc     128 B  1 MiB      1   1.0 s',
      '',
      'buffer  runs  MiB/s',
      'pipe 2proc, total 1 MiB',
      ' 128 B  3/10    100  ██',
      ' 512 B  3/10    300  ██████',
      'pipe 2thread, total 1 MiB',
      ' 256 B  3/10    200  ████',
      ' 1 KiB  3/10    400  ████████',
      'q ends',
    ]);
  });

  it('puts tables side by side before it leaves cells out, and says how many are left out', () => {
    const many = watched({ cells: cells(14) });
    const shown = (width: number, height: number) => {
      const lines = frame(many, sight(width, height), NOW).join('\n');
      return (lines.match(/ 3\/10 /g) ?? []).length;
    };
    expect(shown(60, 40)).toBe(14);
    expect(shown(60, 24)).toBe(14);
    expect(shown(60, 18)).toBe(8);
    expect(frame(many, sight(60, 18), NOW).at(-1)).toMatch(/^and 6 more cells/);
    expect(shown(120, 18)).toBe(14);
  });

  it('shows a sweep of which no run has ended', () => {
    const lines = frame(watched({ done: 0, recent: [], states: new Map() }), sight(80, 24), NOW);
    expect(lines.join('\n')).toContain('no run has ended yet');
    expect(lines.join('\n')).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('is never wider or higher than the screen, whatever the database holds', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 50 });
    fc.assert(
      fc.property(
        fc.record({ name: text, tracer: text, reason: text, ipc: text, note: text }),
        fc.record({
          width: fc.integer({ min: 1, max: 200 }),
          height: fc.integer({ min: 1, max: 60 }),
        }),
        fc.record({ count: fc.nat(60), recent: fc.nat(9), unicode: fc.boolean() }),
        (hostile, { width, height }, { count, recent, unicode }) => {
          const own = cells(count).map((it) => ({ ...it, cell: { ...it.cell, ipc: hostile.ipc } }));
          const base = watched();
          const sweep = { ...base.sweep, name: hostile.name, tracer: hostile.tracer };
          const runs = Array.from({ length: recent }, () => run({ reason: hostile.reason }));
          const lines = frame(
            watched({ sweep, cells: own, recent: runs }),
            { ...sight(width, height), unicode },
            NOW,
            'a note',
          );
          expect(lines.length).toBeLessThanOrEqual(height);
          expect(Math.max(...lines.map(textWidth))).toBeLessThanOrEqual(width);
          expect(lines.join('')).not.toMatch(/[\x00-\x1f\x7f-\x9f]/);
          expect(lines.at(-1)).toBe(cut('a note', width));
        },
      ),
    );
  });
});

describe('the pace of a sweep', () => {
  it('is measured over its last runs, and never leaves a negative time', () => {
    const recent = [0, 1, 2, 3].map((at) =>
      run({ trial: at + 1, started_at: new Date(NOW + 500 * at).toISOString(), wall_ns: 4e8 }),
    );
    const speed = speedOf(watched({ recent, done: 10 }), NOW + 2400);
    expect(speed.runsPerSecond).toBeCloseTo(4 / 1.9);
    expect(speed.secondsLeft).toBeCloseTo((30 * 1.9) / 4);
    expect(speed.secondsSince).toBeCloseTo(0.5);
    expect(speedOf(watched({ recent, done: 50 }), NOW).secondsLeft).toBe(0);
    // Two attempts at each of two runs.
    const attempts = recent.map((it, at) => ({ ...it, trial: at >> 1 }));
    expect(speedOf(watched({ recent: attempts }), NOW).runsPerSecond).toBeCloseTo(2 / 1.9);
  });

  it('follows the running time of the sweep, whatever the clock on the wall does', () => {
    const recent = [0, 1, 2, 3].map((at) =>
      run({
        started_at: new Date(NOW + (at < 2 ? 0 : 3_600_000)).toISOString(),
        ...{ trial: at + 1, wall_ns: 4e8, active_ms: 1000 + 500 * at },
      }),
    );
    const speed = speedOf(watched({ recent, secondsSinceNewest: 0.25 }), NOW);
    expect(speed.runsPerSecond).toBeCloseTo(4 / 1.9);
    expect(speed.secondsSince).toBe(0.25);
  });

  it('is the sum over its hosts, and the time left is that of the busiest of them', () => {
    // The clock of one host is off by a year.
    const recent = [0, 1, 2, 3].flatMap((at) =>
      [0, 365 * 24 * 3600e3].map((off, which) =>
        run({
          ...{ trial: at + 1, host: `board-${which + 1}`, environment_id: which + 1, wall_ns: 4e8 },
          started_at: new Date(NOW - off + 500 * at).toISOString(),
        }),
      ),
    );
    const hosts = [
      host({ name: 'board-1', done: 4, planned: 8 }),
      host({ name: 'board-2', done: 4 }),
    ];
    const speed = speedOf(watched({ recent, hosts }), NOW + 2400);
    expect(speed.runsPerSecond).toBeCloseTo((2 * 4) / 1.9);
    expect(speed.secondsLeft).toBeCloseTo((36 * 1.9) / 4);
    expect(speed.secondsSince).toBeCloseTo(0.5);
  });

  it('is not known before there are two runs', () => {
    expect(speedOf(watched(), NOW).runsPerSecond).toBeUndefined();
    expect(speedOf(watched({ recent: [] }), NOW).secondsSince).toBeUndefined();
  });
});
