import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { findDamage } from '../../src/store/integrity.ts';
import { type Db, openForWriting } from '../../src/store/open.ts';
import { listSweeps, sweepById } from '../../src/store/reader.ts';
import {
  deleteSweep,
  giveBackSpace,
  noteSweep,
  renameSweep,
  sweepSize,
} from '../../src/store/sweep-changes.ts';
import { sweepToContinue } from '../../src/store/sweep-writer.ts';
import { hostileSweep } from '../export/hostile-sweep.ts';
import { exampleResult, exampleSweep } from './example-sweep.ts';

const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-changes-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let file = '';
let number = 0;
beforeEach(() => {
  file = join(folder, `${++number}.db`);
});

/** All rows of all tables. */
function contentOf(db: Db): Record<string, unknown[]> {
  const tables = db.pragma('table_list') as { name: string; type: string }[];
  return Object.fromEntries(
    tables
      .filter(({ name, type }) => type === 'table' && !name.startsWith('sqlite_'))
      .map(({ name }) => [name, db.prepare(`SELECT * FROM ${name}`).raw().all()]),
  );
}

describe('deleting a sweep', () => {
  it('keeps every row of the other sweeps, and none of its own, in any table', () => {
    const { db, close } = openForWriting(file);
    hostileSweep(db);
    const before = contentOf(db);
    const { id, store } = exampleSweep(db, { name: 'second' });
    for (const trial of [1, 2, 3]) store(exampleResult(trial));
    expect(contentOf(db)).not.toEqual(before);
    deleteSweep(db, sweepById(db, id), new Date(0));
    giveBackSpace(db);
    const deleted = [[id, 'second', '1970-01-01T00:00:00.000Z']];
    expect(contentOf(db)).toEqual({ ...before, deleted_sweep: deleted });
    deleteSweep(db, sweepById(db, 1), new Date(0));
    const { database_identity: _, deleted_sweep: __, ...rest } = contentOf(db);
    expect(Object.values(rest).flat()).toEqual([]);
    close();
    expect(findDamage(file)).toEqual([]);
  });

  it('is refused, without deleting anything, where a run of another sweep refers to a part of it', () => {
    const { db, close } = openForWriting(file);
    hostileSweep(db);
    const other = exampleSweep(db, { name: 'second' });
    other.store(exampleResult(1));
    db.prepare(
      `UPDATE run SET environment_id = (SELECT id FROM environment WHERE sweep_id = 1)
       WHERE cell_id IN (SELECT id FROM cell WHERE sweep_id = ?)`,
    ).run(other.id);
    const before = contentOf(db);
    expect(() => deleteSweep(db, sweepById(db, 1), new Date(0))).toThrow(
      expect.objectContaining({
        code: 'SQLITE_CORRUPT',
        message: expect.stringContaining('rows of other sweeps refer to rows of sweep'),
      }),
    );
    expect(contentOf(db)).toEqual(before);
    close();
  });

  it('never frees its id for another sweep', () => {
    const { db, close } = openForWriting(file);
    for (const name of ['a', 'b']) exampleSweep(db, { name });
    deleteSweep(db, sweepById(db, 2), new Date());
    expect(exampleSweep(db).id).toBe(3);
    for (const id of [1, 3]) deleteSweep(db, sweepById(db, id), new Date());
    expect(exampleSweep(db).id).toBe(4);
    close();
  });

  it('frees about as much space as was announced', () => {
    const { db, close } = openForWriting(file);
    exampleSweep(db).store(exampleResult(1));
    const { id, store } = exampleSweep(db);
    for (let trial = 1; trial <= 40; trial++) {
      store(exampleResult(trial, { rawTrace: noise(trial), stderrTail: 'x'.repeat(2000) }));
    }
    db.pragma('wal_checkpoint(TRUNCATE)');
    const before = statSync(file).size;
    const { runs, cells, bytes } = sweepSize(db, id);
    expect({ runs, cells }).toEqual({ runs: 40, cells: 2 });
    deleteSweep(db, sweepById(db, id), new Date());
    giveBackSpace(db);
    close();
    const freed = before - statSync(file).size;
    expect(freed).toBeGreaterThan(0.8 * bytes);
    expect(freed).toBeLessThan(2 * bytes);
  });

  it('leaves a valid database without the sweep if there is no room for a smaller copy', () => {
    const { db, close } = openForWriting(file);
    exampleSweep(db, { name: 'kept' }).store(exampleResult(1));
    const { id, store } = exampleSweep(db);
    for (let trial = 1; trial <= 40; trial++)
      store(exampleResult(trial, { rawTrace: noise(trial) }));
    deleteSweep(db, sweepById(db, id), new Date());
    const kept = contentOf(db);
    // A statement that is not finished keeps VACUUM from beginning.
    const open = db.prepare('SELECT id FROM sweep').iterate();
    open.next();
    expect(() => giveBackSpace(db)).toThrow();
    open.return?.();
    expect(contentOf(db)).toEqual(kept);
    expect(db.pragma('temp_store', { simple: true })).toBe(2);
    close();
    expect(findDamage(file)).toEqual([]);
  });
});

/** Text that cannot be compressed much. */
function noise(seed: number): string {
  let state = seed;
  const next = () => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    return state.toString(36);
  };
  return Array.from({ length: 500 }, next).join(' ');
}

describe('a renamed sweep', () => {
  const identityAs = (name: string) => `conditions as ${name}`;

  it('goes on under its new name, and a sweep with its old name begins anew', () => {
    const { db, close } = openForWriting(file);
    const { id } = exampleSweep(db, { name: 'lab', identity: identityAs('lab') });
    expect(sweepToContinue(db, 'lab', identityAs)).toBe(id);
    renameSweep(db, sweepById(db, id), 'aside');
    expect(sweepById(db, id).name).toBe('aside');
    expect(sweepToContinue(db, 'lab', identityAs)).toBeUndefined();
    expect(sweepToContinue(db, 'aside', identityAs)).toBe(id);
    // Under other conditions it does not go on, whatever it is called.
    expect(sweepToContinue(db, 'aside', (name) => `others as ${name}`)).toBeUndefined();
    renameSweep(db, sweepById(db, id), 'again');
    expect(sweepToContinue(db, 'again', identityAs)).toBe(id);
    const newer = exampleSweep(db, { name: 'again', identity: identityAs('again') }).id;
    expect(sweepToContinue(db, 'again', identityAs)).toBe(newer);
    renameSweep(db, sweepById(db, id), 'lab');
    expect(sweepToContinue(db, 'lab', identityAs)).toBe(id);
    expect(db.prepare('SELECT made_as FROM sweep WHERE id = ?').pluck().get(id)).toBe('');
    close();
  });
});

describe('a note', () => {
  it('is any text, and is removed by an empty one', () => {
    const { db, close } = openForWriting(file);
    const { id } = exampleSweep(db);
    expect(sweepById(db, id).note).toBe('');
    for (const note of ["it's; DROP TABLE sweep", 'two\nlines\t\u0000\x1b[2J', 'Zürich ✓ 😀', '']) {
      noteSweep(db, sweepById(db, id), note);
      expect(sweepById(db, id).note).toBe(note);
    }
    close();
  });
});

it('sweeps are read without the texts of their specs and programs', () => {
  const { db, close } = openForWriting(file);
  exampleSweep(db);
  const [sweep] = listSweeps(db);
  expect(sweep).not.toHaveProperty('spec_text');
  expect(sweep).not.toHaveProperty('trace_program');
  close();
});
