import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Db, openForWriting } from '../../src/store/open.ts';
import { markSweep } from '../../src/store/sweep-writer.ts';
import { hostileSweep } from '../export/hostile-sweep.ts';
import { exampleResult, exampleSweep } from '../store/example-sweep.ts';
import { noTerminal, PseudoTerminal } from './pseudo-terminal.ts';
import { Workplace } from './workplace.ts';

const place = new Workplace();
const why = noTerminal();
afterAll(() => place.remove());

/** It would set the title, clear the screen, turn the direction, and begin a line of its own. */
const EVIL = '\x1b]0;owned\x07\x1b[2J\x9b2J\u202e\r\nsweep forged-1: ended';

const CHECKED = ['sweep.name', 'cell.ipc', 'cell.mode', 'cell.program', 'sweep_program.name'];

/** Puts something into every text that a table lets be changed. */
function spoil(db: Db): void {
  db.pragma('foreign_keys = OFF');
  let spoilt = 0;
  const tables = db.pragma('table_list') as { name: string; type: string }[];
  for (const { name: table } of tables.filter(({ type }) => type === 'table')) {
    const columns = db.pragma(`table_info(${table})`) as { name: string; type: string }[];
    for (const { name: column, type } of columns) {
      // These are checked when a database is opened, which is refused then.
      const checked = CHECKED.includes(`${table}.${column}`);
      if (type !== 'TEXT' || checked) continue;
      try {
        db.prepare(`UPDATE ${table} SET ${column} = ${column} || ?`).run(EVIL);
        spoilt++;
      } catch (error) {
        expect((error as { code: string }).code).toMatch(/^SQLITE_(CONSTRAINT|ERROR)/);
      }
    }
  }
  expect(spoilt).toBeGreaterThan(20);
}

function fill(db: Db): number {
  const { id, store } = exampleSweep(db);
  store(exampleResult(1));
  store(exampleResult(2, { outcome: { state: 'failed', reason: 'why' } }));
  return id;
}

beforeAll(() => {
  const { db, close } = openForWriting(place.path('evil.db'));
  hostileSweep(db);
  markSweep(db, fill(db), 'ended', new Date());
  spoil(db);
  close();
});

describe('a database full of control characters', () => {
  it.each([
    [['status']],
    [['status', '2']],
    [['status', '1']],
    [['status', '--json']],
    [['status', '2', '--json']],
    [['report', '1', '--json']],
    [['top', '--once']],
    [['top', '1', '--once']],
    [['compare', '1', '2']],
    [['compare', '2', '2', '--json']],
    [['export', '2', '--out', 'out', '--format', 'csv,md,adoc,tex']],
    [['report', '2', '--out', 'report.html']],
    [['plot', '2', '--out', 'figures', '--format', 'svg']],
    [['replay', '2']],
    [['doctor']],
    [['status', 'gone\x1b[2J']],
  ])('cannot move the cursor or begin a line in the output of %j', async (words) => {
    const { stdout, stderr } = await place.run(...words, '--db', 'evil.db');
    for (const text of [stdout, stderr]) {
      expect(text).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]/);
      expect(text).not.toMatch(/^sweep forged-1/m);
    }
    expect(stdout + stderr).not.toBe('');
  });

  it.skipIf(why !== undefined)(
    `cannot set a title or draw a frame in top${why ? ` (${why})` : ''}`,
    async () => {
      const { db, close } = openForWriting(place.path('running.db'));
      fill(db);
      spoil(db);
      const size = { rows: 40, columns: 100 };
      const terminal = new PseudoTerminal(place, ['top', '--db', 'running.db'], size);
      try {
        await terminal.until(({ shown }) => shown.some((line) => line.includes('q ends')));
      } finally {
        terminal.close();
        close();
      }
      await terminal.ended();
      expect(terminal.written).toContain('sweep example-1');
      expect(terminal.written).not.toContain('\x1b]');
      expect(terminal.written).not.toContain('\x1b[2J');
      expect(terminal.written).not.toMatch(/[\x80-\x9f\u202e]/);
      expect(terminal.written).not.toMatch(/^sweep forged-1/m);
    },
  );
});
