import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { writeTableFiles } from '../../src/export/files.ts';
import { sweepTables } from '../../src/export/tables.ts';
import type { WrittenFiles } from '../../src/export/written-files.ts';
import { sweepResults } from '../../src/results/sweep-results.ts';
import { type Db, openForWriting } from '../../src/store/open.ts';
import { chooseSweep } from '../../src/store/reader.ts';
import { profiledSweep } from '../report/profiled-sweep.ts';

const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const { db, close } = openForWriting(join(folder, 'ipc-sweep.db'));
afterAll(close);

function exported(database: Db): Promise<WrittenFiles> {
  const sweep = chooseSweep(database, undefined);
  const tables = sweepTables(sweepResults(database, sweep, { suspect: false }));
  const options = { formats: ['folded'], preset: 'analysis', semicolon: false } as const;
  return writeTableFiles(folder, sweep, tables, options);
}

it('folded stacks are lines with a stack and its count, cell and role first, and count each sample once', async () => {
  profiledSweep(db);
  const { files, warnings } = await exported(db);
  const path = join(folder, 'profile.folded');
  expect({ files, warnings }).toEqual({ files: [{ path, unit: 'row', count: 10 }], warnings: [] });
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  expect(lines).toContain('pipe 2proc 512 B of 1 KiB;sender;[user code];[program] 9');
  // What stackcollapse scripts print, by FlameGraph's README.
  const read = lines.map((line) => /^([^;]+(?:;[^;]+)*) (\d+)$/.exec(line)!);
  expect(read.reduce((sum, [, , count]) => sum + Number(count), 0)).toBe(600);
  expect(new Set(read.map(([, stack]) => stack)).size).toBe(lines.length);
});

it('without stacks an older file is removed, no new one is written, and a warning says why', async () => {
  db.exec('DELETE FROM profile_stack');
  const { files, warnings } = await exported(db);
  expect(files).toEqual([]);
  expect(warnings).toEqual([expect.stringContaining('instrument profile')]);
  expect(existsSync(join(folder, 'profile.folded'))).toBe(false);
});
