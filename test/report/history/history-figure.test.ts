import { describe, expect, it } from 'vitest';
import { type HistoryPoint, historyOf, type MeasuredSeries } from '../../../src/analyse/history.ts';
import { historyFigure } from '../../../src/report/history/figure.ts';
import { historyPage } from '../../../src/report/history/page.ts';
import { renderSvg } from '../../../src/report/render/svg.ts';
import { seededRandom } from '../../seeded-random.ts';
import { records } from '../made-sweep.ts';

const draw = seededRandom(5);

function made(count: number, change: (night: number) => Partial<HistoryPoint>): MeasuredSeries {
  return {
    cell: {
      ...{ cell: 1, ipc: 'pipe', mode: '2proc', buffer_bytes: 4096, total_bytes: 2 ** 20 },
      ...{ socket_buffers: 0, host: 'local', host_axis: 0, program: '' },
    },
    ...{ machine: 'vm', measured: 'untraced' },
    points: Array.from({ length: count }, (_, night) => {
      const median = 2 ** 30 * (1 + draw(1000) / 1e5) * (night < count / 2 ? 1 : 0.9);
      return {
        sweep: {
          ...{ file: 'lab.db', id: night + 1, name: 'lab', identity: 'a'.repeat(64) },
          startedAt: new Date(Date.UTC(2026, 2, 1 + night, 1)).toISOString(),
        },
        ...{ group: '', facts: new Map(), runs: 11, median, error: undefined, doubts: [] },
        interval: { low: 0.99 * median, high: 1.01 * median, level: 0.95 },
        ...change(night),
      };
    }),
  };
}
const release = (night: number, from: number) => ({
  facts: new Map([['os_release', night < from ? '6.1' : '6.2']]),
});
const figureOf = (measured: readonly MeasuredSeries[], isOverTime = true) =>
  historyFigure(historyOf(measured), { name: 'history', title: 'Over time', isOverTime });

describe('the figure of a history', () => {
  it('has every sweep with its level, in its data', () => {
    const figure = figureOf([made(20, (night) => release(night, 10))]);
    const rows = records(figure);
    expect(rows).toHaveLength(20);
    expect(rows[0]).toMatchObject({ sweep: 'lab-1', changed: null, doubts: null });
    expect(rows[10]).toMatchObject({ sweep: 'lab-11', place: 11, changed: 'kernel' });
    const levels = new Set(rows.map((row) => row.level_bytes_per_s));
    expect(levels.size).toBe(2);
    expect(figure.alt).toMatch(/: 0\.9 times as much from lab-11 on\./);
  });

  it('marks what has changed, the kernel first, and draws a panel for each cell', async () => {
    const both = (night: number) => ({
      facts: new Map([...release(night, 10).facts, ['turbo', night < 10 ? 'on' : 'off']]),
    });
    const measured = [made(20, both), { ...made(20, () => ({})), machine: 'board' }];
    const svg = await renderSvg(figureOf(measured), 'screen', { titled: true });
    for (const text of ['on vm', 'on board', 'kernel changed']) expect(svg).toContain(text);
    expect(svg).not.toContain('something else changed');
    expect(svg).toContain('the kernel 6.2 (before: 6.1), turbo off (before: on)');
  });

  it('leaves out marks that would appear every night, and says so', async () => {
    const nightly = (night: number) => ({
      facts: new Map([['git_commit', String(night % 10).repeat(40)]]),
    });
    const figure = figureOf([made(40, nightly)]);
    expect(figure.caption).toContain('Changes that come more than 20 times are not drawn.');
    expect(await renderSvg(figure, 'screen')).not.toContain('commit changed');
    expect(figureOf([made(20, nightly)]).caption).not.toContain('not drawn');
  });

  it('explains the cross of a doubtful sweep only where there is one', () => {
    const doubted = made(8, (night) => (night === 3 ? { doubts: ['steal'] } : {}));
    expect(figureOf([doubted]).caption).toContain('A cross is a sweep whose runs raise doubts.');
    expect(figureOf([made(8, () => ({}))]).caption).not.toContain('cross');
  });

  it('has places instead of dates on its axis where the sweeps are in another order', async () => {
    const figure = figureOf([made(8, () => ({}))], false);
    expect(await renderSvg(figure, 'screen')).toContain('Sweep (number, in its order)');
  });
});

describe('the page of a history', () => {
  it('escapes the texts of a database', async () => {
    const evil = '<script>alert(1)</script>';
    const facts = (night: number) => ({
      facts: new Map([['os_release', night < 10 ? '6.1' : evil]]),
    });
    const series = historyOf([{ ...made(20, facts), machine: evil }]);
    const sweeps = series[0]!.points.map(({ sweep }) => sweep);
    const shown = { name: 'lab', sweeps, leftOut: [], warnings: [], series, by: 'time' };
    const page = await historyPage(shown, '0.0.0');
    expect(page).not.toContain(evil);
    expect(page).toContain('the first sweep with the kernel &lt;script&gt;alert(1)&lt;/script&gt;');
    expect(await historyPage(shown, '0.0.0')).toBe(page);
  });

  it('shows what was left out, the warnings, and cells with too few sweeps', async () => {
    const series = historyOf([made(3, () => ({}))]);
    const sweeps = series[0]!.points.map(({ sweep }) => sweep);
    const page = await historyPage(
      {
        ...{ name: 'lab', sweeps: sweeps.slice(1), series, by: 'time' },
        leftOut: [{ sweep: sweeps[0]!, why: 'it is running' }],
        warnings: [{ message: '1 of 3 sweeps are not complete' }],
      },
      '0.0.0',
    );
    expect(page).toContain('lab-1 is left out: it is running.');
    expect(page).toContain('Warning: 1 of 3 sweeps are not complete.');
    expect(page).toContain('too few sweeps (4 are needed)');
    expect(page).toContain('None was found.');
  });
});
