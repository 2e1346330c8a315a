import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { changeSweep } from '../../src/cli/changed-sweep.ts';
import { openForReading, openForWriting } from '../../src/store/open.ts';
import { sweepById } from '../../src/store/reader.ts';
import { exampleSweep } from '../store/example-sweep.ts';

const results = mkdtempSync(join(tmpdir(), 'ipc-sweep-changed-sweep-'));
afterAll(() => rmSync(results, { recursive: true, force: true }));

it('a database that was removed while somebody was asked is not made anew', () => {
  const file = join(results, 'ipc-sweep.db');
  const { db, close } = openForWriting(file);
  const { id } = exampleSweep(db);
  close();
  const reader = openForReading(file);
  const found = sweepById(reader, id);
  reader.close();
  for (const name of readdirSync(results)) rmSync(join(results, name));
  expect(() => changeSweep({ results, db: undefined }, found, () => {})).toThrow(
    `there is no database ${file}`,
  );
  expect(readdirSync(results)).toEqual([]);
});
