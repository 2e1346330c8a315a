import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Figure } from '../../src/report/figure.ts';
import { renderSvg } from '../../src/report/render/svg.ts';
import { columnWidth } from '../../src/report/render/theme.ts';
import { named, records } from './made-sweep.ts';
import { recordedFigures } from './recorded-sweep.ts';

/** The figures that the documents show, by the names of their files. */
const COMMITTED = [
  ['direct-writes', 'pipe-states-read'],
  ['cause-and-effect', 'cause-and-effect'],
] as const;
const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-test-'));
let figures: readonly Figure[];

beforeAll(() => {
  figures = recordedFigures(folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the figures of the FreeBSD recording', () => {
  it('show direct writes from 8 KiB on and nowhere below', () => {
    const states = records(named(figures, 'pipe-states-read'));
    const sizesOf = (rows: typeof states) => [...new Set(rows.map((row) => row.buffer_bytes))];
    expect(sizesOf(states)).toEqual([512, 4096, 8192, 16384, 65536, 1048576]);
    const direct = states.filter((row) =>
      String(row.pipe_state_names).split('|').includes('DIRECTW'),
    );
    expect(sizesOf(direct)).toEqual([8192, 16384, 65536, 1048576]);
  });

  it('say so in caption and alternative text', () => {
    const { caption, alt } = named(figures, 'pipe-states-read');
    expect(caption).toContain('DIRECTW first at 8 KiB');
    expect(alt).toContain('DIRECTW first at 8 KiB');
  });

  it('mark the threshold of the kernel', async () => {
    for (const name of ['bandwidth', 'pipe-states-read', 'pipe-states-write']) {
      const svg = await renderSvg(named(figures, name), 'print');
      expect(svg).toContain('>PIPE_MINDIRECT 8 KiB</text>');
    }
  });

  it('count states as the recording does: 471 reads of 512 bytes found a waiting writer', () => {
    const [row] = records(named(figures, 'pipe-states-read')).filter(
      ({ buffer_bytes: bytes, pipe_state: state }) => bytes === 512 && state === 0x810,
    );
    expect(row).toMatchObject({
      count: 471,
      share: 471 / (471 + 1577),
      pipe_state_names: 'DIRECTOK|WANTW',
    });
  });

  it('leave out what was not measured: controls, and a second run of a cell', () => {
    expect(figures.map(({ name }) => name)).toEqual([
      'cause-and-effect',
      ...['bandwidth', 'syscalls', 'pipe-states-read', 'pipe-states-write'],
      ...['pipe-transitions-read', 'pipe-transitions-write', 'io-sizes'],
    ]);
  });

  // UPDATE_FIGURES=1 writes it: npm run figures.
  it.each(COMMITTED)('equal the committed file docs/figures/%s.svg', async (file, name) => {
    const committed = new URL(`../../docs/figures/${file}.svg`, import.meta.url);
    const drawn = await renderSvg(named(figures, name), 'print', { width: columnWidth(2) });
    if (process.env.UPDATE_FIGURES === '1') writeFileSync(committed, `${drawn}\n`);
    const isCurrent = readFileSync(committed, 'utf8') === `${drawn}\n`;
    expect(isCurrent, 'npm run figures draws it anew').toBe(true);
  });
});
