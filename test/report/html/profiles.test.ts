import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { compareNamed } from '../../../src/cli/commands/compare/comparison.ts';
import { comparedProfiles, profiles } from '../../../src/report/html/profiles.ts';
import { sweepResults } from '../../../src/results/sweep-results.ts';
import { type Db, openForWriting } from '../../../src/store/open.ts';
import { chooseSweep } from '../../../src/store/reader.ts';
import { CELL } from '../../store/example-sweep.ts';
import { profiledSweep } from '../profiled-sweep.ts';

const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

function pageOf(name: string, fill: (db: Db) => void, suspect = false): string {
  const { db, close } = openForWriting(join(folder, `${name}.db`));
  try {
    fill(db);
    return profiles(sweepResults(db, chooseSweep(db, undefined), { suspect })).join('');
  } finally {
    close();
  }
}

const titles = (page: string) =>
  [...page.matchAll(/class="flame-title">([^<]*)</g)].map(([, title]) => title);

it('the report has a flame graph for each cell and role, over all its runs', () => {
  const cells = [CELL, { ...CELL, bufferBytes: 1024 }];
  const page = pageOf('two', (db) => profiledSweep(db, { cells }));
  expect(titles(page)).toEqual([
    'pipe 2proc 512 B of 1 KiB, receiver',
    'pipe 2proc 512 B of 1 KiB, sender',
    'pipe 2proc 1 KiB of 1 KiB, receiver',
    'pipe 2proc 1 KiB of 1 KiB, sender',
  ]);
  expect(page).toContain('300 stack samples in 3 runs');
  expect(page).toContain(
    '<title>anon_pipe_write: 90 %, 270 of 300 stack samples, 15 in itself</title>',
  );
});

it('a sweep without profiles has no flame graphs', () => {
  const page = pageOf('none', (db) => {
    profiledSweep(db);
    db.exec('DELETE FROM profile_stack');
  });
  expect(page).toBe('');
});

it('suspect runs and warm-up trials are not in a flame graph, unless suspect ones are let in', () => {
  const spoilt = (db: Db) => {
    profiledSweep(db);
    db.exec("UPDATE run SET state = 'suspect' WHERE trial = 1");
    db.exec('UPDATE run SET warmup = 1 WHERE trial = 2');
  };
  expect(pageOf('spoilt', spoilt)).toContain('100 stack samples in one run');
  expect(pageOf('let-in', spoilt, true)).toContain('200 stack samples in 2 runs');
});

it('only the fullest of very many flame graphs are drawn, and the page says how many are left out', () => {
  const cells = Array.from({ length: 22 }, (_, at) => ({
    ...CELL,
    bufferBytes: 2 ** at,
    totalBytes: 2 ** 22,
  }));
  const page = pageOf('many', (db) => {
    profiledSweep(db, { cells, trials: 1 });
    db.exec(`DELETE FROM profile_stack WHERE stack NOT LIKE '[%' AND run_id IN (
      SELECT run.id FROM run JOIN cell ON cell.id = cell_id WHERE cell.number IN (1, 2))`);
  });
  expect(titles(page)).toHaveLength(40);
  expect(titles(page)[0]).toContain('4 B of 4 MiB');
  expect(page).toContain('the stacks of the other 4, too');
});

it('a comparison has a differential graph for each cell and role that both sides have', () => {
  const file = join(folder, 'compared.db');
  const { db, close } = openForWriting(file);
  profiledSweep(db, { name: 'old', trials: 6 });
  profiledSweep(db, {
    name: 'new',
    trials: 6,
    factor: (stack) => (stack.includes('alloc_pages') ? 3 : 1),
  });
  close();
  const { report } = compareNamed(
    {
      ...{ sides: ['old', 'new'], base: undefined, over: undefined, repeat: undefined },
      ...{ failIfSlower: undefined, equivalent: undefined, suspect: false },
    },
    file,
  );
  const page = comparedProfiles(report).join('');
  expect(titles(page)).toEqual([
    'pipe 2proc 512 B of 1 KiB, receiver: B against A',
    'pipe 2proc 512 B of 1 KiB, sender: B against A',
  ]);
  expect(page).toContain('600 stack samples of A and 900 stack samples of B');
  expect(page).toContain(
    '<title>alloc_pages_mpol: 25 % in A (150 of 600), 50 % in B (450 of 900)</title>',
  );
  expect(page).toContain('>▲ alloc_pages_mpol</text>');
  expect(page).toContain('>▼ copy_page_from_iter</text>');
});
