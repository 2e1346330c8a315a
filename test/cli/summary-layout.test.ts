import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CellSummary } from '../../src/analyse/summary.ts';
import type { SummaryRow } from '../../src/cli/summary-columns.ts';
import { summaryTable } from '../../src/cli/summary-layout.ts';
import type { Screen } from '../../src/cli/terminal.ts';
import { textWidth } from '../../src/cli/text-width.ts';
import { FULL, plainScreen } from './screens.ts';

const MIB = 1024 ** 2;

interface Given {
  readonly ipc?: string;
  readonly mode?: string;
  readonly buffer?: number;
  readonly total?: number;
  readonly rate?: number;
  readonly suspect?: number;
  readonly failed?: number;
  readonly level?: number;
  readonly effectLevel?: number;
  readonly states?: SummaryRow['states'];
}

const STATES = [
  { name: 'DIRECTOK|DIRECTW|WANTW', share: '75%' },
  { name: 'DIRECTOK|WANTR', share: '<1%' },
];

function row(given: Given = {}): SummaryRow {
  const { ipc = 'pipe', mode = '2proc', buffer = 512, total = MIB, rate = 1234 } = given;
  const { level = 0.95, effectLevel = 0.95 } = given;
  const median = rate * MIB;
  const summary = {
    cell: {
      ...{ cell: 1, ipc, mode, socket_buffers: 0 },
      ...{ buffer_bytes: buffer, total_bytes: total },
    },
    ...{ completed: 11, suspect: given.suspect ?? 0, failed: given.failed ?? 0, untraced: true },
    bandwidth: { n: 11, median, interval: { low: median * 0.9, high: median * 1.1, level } },
    probeEffect: { ratio: { ratio: 0.5, low: 0.4, high: 0.6, level: effectLevel } },
  };
  return { summary: summary as unknown as CellSummary, states: given.states ?? STATES };
}

const wide = ['pipe', 'local'].flatMap((ipc) =>
  ['2proc', '2thread'].flatMap((mode) =>
    [MIB, 4 * MIB].flatMap((total) =>
      [7, 9, 11, 13, 15, 17, 19].map((power) =>
        row({ ipc, mode, total, buffer: 2 ** power, rate: 100 * power }),
      ),
    ),
  ),
);

const widest = (lines: readonly string[]) => Math.max(...lines.map(textWidth));

describe('the summary', () => {
  it('has one row for each cell with every column where there is room', () => {
    const lines = summaryTable([row(), row({ buffer: 1024, rate: 617 })], FULL, plainScreen(200));
    expect(lines).toEqual([
      'buffer  total   n  MiB/s            95% interval   traced/untraced  reads find the pipe',
      ' 512 B  1 MiB  11   1230  ████████     1110-1360  0.50 (0.40-0.60)  DIRECTOK|DIRECTW|WANTW 75%, DIRECTOK|WANTR <1%',
      ' 1 KiB  1 MiB  11    617  ████           555-679  0.50 (0.40-0.60)  DIRECTOK|DIRECTW|WANTW 75%, DIRECTOK|WANTR <1%',
    ]);
  });

  it('names the level of the intervals once, or in each row where the levels differ', () => {
    const five = row({ level: 0.9375, effectLevel: 0.9375 });
    const eleven = row({ effectLevel: 0.958 });
    const [alike = ''] = summaryTable([five, five], FULL, plainScreen(200));
    expect(alike).toContain('  94% interval  traced/untraced (94%)  ');
    const [header = '', first = '', second = ''] = summaryTable(
      [five, eleven],
      FULL,
      plainScreen(200),
    );
    expect(header).toContain('        interval       traced/untraced  reads');
    expect(first).toContain('  94% 1110-1360  0.50 (94% 0.40-0.60)  ');
    expect(second).toContain('  95% 1110-1360  0.50 (96% 0.40-0.60)  ');
  });

  it('keeps 56 cells of FreeBSD within 80 columns, each with its figures and the share of its state', () => {
    const lines = summaryTable(wide, FULL, plainScreen(80));
    expect(widest(lines)).toBeLessThanOrEqual(80);
    expect(lines).toHaveLength(1 + 56 + 8);
    expect(
      lines.filter((line) => /^(pipe|local) \d(proc|thread), total \d MiB$/.test(line)),
    ).toHaveLength(8);
    const cells = lines.filter((line) => / 75%$/.test(line));
    expect(cells).toHaveLength(56);
    for (const line of cells) expect(line).toMatch(/ 11 +\d+ +\S+ +\d+-\d+ +0\.50 +DIRECTOK/);
  });

  it('drops the most important columns last as the room shrinks', () => {
    const at = (width: number) => summaryTable([row()], FULL, plainScreen(width)).join('\n');
    expect(at(120)).toContain('DIRECTOK|WANTR');
    expect(at(100)).not.toContain('DIRECTOK|WANTR');
    expect(at(100)).toContain('(0.40-0.60)');
    expect(at(80)).not.toContain('(0.40-0.60)');
    expect(at(80)).toContain('DIRECTOK|DIRECTW|WANTW 75%');
    expect(at(70)).toMatch(/DIRECTOK.*… 75%/);
    expect(at(40)).toMatch(/1230 .*1110-1360/);
  });

  it('groups cells of one series, however they are ordered', () => {
    const rows = [
      row(),
      row({ ipc: 'local' }),
      row({ buffer: 1024 }),
      row({ ipc: 'local', buffer: 1024 }),
    ];
    const lines = summaryTable(rows, FULL, plainScreen(80));
    expect(lines.map((line) => line.slice(0, 7).trim())).toEqual([
      ...['buffer', 'pipe 2p', '512 B', '1 KiB', 'local 2', '512 B', '1 KiB'],
    ]);
  });

  it('does not make a series of each cell where only the total varies', () => {
    const rows = [1, 2, 4].map((times) => row({ total: times * MIB }));
    const lines = summaryTable(rows, FULL, plainScreen(80));
    expect(lines).toHaveLength(1 + 1 + 3);
    expect(lines[0]).toMatch(/^buffer +total/);
  });

  it('is never wider than the screen, whatever the database holds', () => {
    const name = fc.string({ unit: 'grapheme', maxLength: 60 });
    const given = fc.record({
      ...{ ipc: name, mode: name },
      buffer: fc.constantFrom(1, 512, 2 ** 24),
      total: fc.constantFrom(1, MIB, 2 ** 40),
      rate: fc.double({ min: 0, max: 1e9, noNaN: true }),
      ...{ suspect: fc.nat(2), failed: fc.nat(1e6) },
      states: fc.array(fc.record({ name, share: fc.constantFrom('1%', '>99%') }), { maxLength: 2 }),
    });
    fc.assert(
      fc.property(
        fc.array(given, { maxLength: 6 }),
        fc.record({ controls: fc.boolean(), states: fc.boolean() }),
        fc.integer({ min: 1, max: 200 }),
        fc.boolean(),
        (cells, shown, width, unicode) => {
          const lines = summaryTable(cells.map(row), shown, { ...plainScreen(width), unicode });
          expect(widest(lines)).toBeLessThanOrEqual(width);
          expect(lines.join('')).not.toMatch(/[\x00-\x1f\x7f-\x9f]/);
        },
      ),
    );
  });

  it('says the same in ASCII, and with colours', () => {
    const rows = [row({ suspect: 1 }), row({ failed: 2, buffer: 1024 })];
    const ascii = summaryTable(rows, FULL, { ...plainScreen(60), unicode: false });
    expect(ascii.join('')).toMatch(/^[\x20-\x7e]*$/);
    const marked: Screen = { ...plainScreen(200), style: (format, text) => `<${format}:${text}>` };
    const [header, doubtful, bad] = summaryTable(rows, { controls: false, states: false }, marked);
    expect(header).toContain('<bold:MiB/s>');
    expect(doubtful).toContain('<yellow:11 (1 not good)>');
    expect(doubtful).toContain('<dim:1110-1360>');
    expect(bad).toContain('<red:11 (2 not good)>');
  });
});
