import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { noteTrouble } from '../../src/store/host-progress.ts';
import { findDamage } from '../../src/store/integrity.ts';
import { openForReading, openForWriting } from '../../src/store/open.ts';
import { recordSweepHost } from '../../src/store/sweep-hosts.ts';
import { hostileSweep } from '../export/hostile-sweep.ts';
import { LooseDatabase } from './loose-database.ts';

const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sound = join(folder, 'sound.db');
const { db, close } = openForWriting(sound);
hostileSweep(db);
recordSweepHost(db, 1, {
  ...{ name: 'board-1', machine: 'pi', benchmarkPath: '', benchmarkSha256: '' },
  programs: [{ name: 'base', path: '/b', sha256: 'h' }],
  traceProgramSha256: '',
});
noteTrouble(db, 1, 'board-1', { state: 'away', reason: 'no route to host' });
db.exec(`INSERT INTO sweep_missing VALUES (1, 'pipe-states', 'why');
  INSERT INTO sweep_origin VALUES (1, 1, 'd', 1, 'm', 'a.db', 0);
  INSERT INTO environment_origin VALUES (1, 1, 1)`);
close();
const loose = new LooseDatabase(sound, join(folder, 'loose.db'));
let made = 0;

function openedWith(change: string): unknown {
  const file = join(folder, `${++made}.db`);
  loose.changed(file, (changed) => changed.exec(change));
  const messages = [openForReading, openForWriting].map((open) => {
    try {
      open(file).close();
      return undefined;
    } catch (error) {
      return (error as Error).message.replace(file, 'FILE');
    }
  });
  expect(messages[1]).toBe(messages[0]);
  return messages[0];
}

describe('a database that looks like ours', () => {
  it('is opened when its rows have the right form, whatever their texts are', () => {
    expect(openedWith('SELECT 1')).toBeUndefined();
    expect(
      openedWith("UPDATE run SET stderr_tail = 'a' || char(0) || 'b', reason = NULL"),
    ).toBeUndefined();
    expect(
      openedWith('UPDATE aggregation SET bucket_from = -9223372036854775807 - 1'),
    ).toBeUndefined();
  });

  it.each([
    [
      "UPDATE cell SET program = 'a' || char(27) || 'b' WHERE id = 1",
      'cell with id 1',
      'program',
      'a name of letters, digits, dash and underscore, or none',
    ],
    ["UPDATE run SET wall_ns = 'long' WHERE id = 2", 'run with id 2', 'wall_ns', 'a whole number'],
    [
      'UPDATE run SET started_at = NULL WHERE id = 3',
      'run with id 3',
      'started_at',
      'text of at most 16 MiB',
    ],
    [
      "UPDATE run SET exit_code = x'00' WHERE id = 1",
      'run with id 1',
      'exit_code',
      'a whole number or nothing',
    ],
    [
      "UPDATE run SET state = 'fine' WHERE id = 1",
      'run with id 1',
      'state',
      "state IN ('completed', 'suspect', 'tracer-failed', 'failed', 'signalled', 'timed-out', 'output-unreadable', 'interrupted')",
    ],
    ['UPDATE run SET traced = 7 WHERE id = 1', 'run with id 1', 'traced', 'traced IN (0, 1)'],
    [
      'UPDATE sample SET bandwidth_bytes_per_s = 9e999 WHERE run_id = 2 AND iteration = 1',
      'sample with run_id 2, iteration 1',
      'bandwidth_bytes_per_s',
      'a number',
    ],
    [
      'UPDATE sample SET elapsed_ns = 9223372036854775807 WHERE run_id = 2 AND iteration = 2',
      'sample with run_id 2, iteration 2',
      'elapsed_ns',
      'a whole number',
    ],
    [
      "UPDATE syscall_count SET count = -1 WHERE run_id = 1 AND syscall = 'read'",
      "syscall_count with run_id 1, role 'receiver', syscall 'read'",
      'count',
      'a whole number from 0 on',
    ],
    [
      'UPDATE cell SET buffer_bytes = 0 WHERE id = 1',
      'cell with id 1',
      'buffer_bytes',
      'a size above 0',
    ],
    [
      "UPDATE cell SET ipc = 'fifo' WHERE id = 1",
      'cell with id 1',
      'ipc',
      'pipe, local, tcp, shmem',
    ],
    [
      "UPDATE raw_trace SET gzip = 'text' WHERE run_id = 1",
      "raw_trace with run_id 1, script ''",
      'gzip',
      'bytes',
    ],
  ])('is refused with the row and the column: %s', (change, row, column, expected) => {
    expect(openedWith(change)).toBe(
      `FILE: the row of ${row} has a wrong ${column}: expected ${expected}`,
    );
  });

  it.each([
    ['sweep', 'cell'],
    ['run', 'sample'],
  ])(
    'is read, but refused to writers, when deleted rows of %s leave other rows without theirs',
    (table, left) => {
      const file = join(folder, `${++made}.db`);
      loose.changed(file, (changed) => changed.exec(`DELETE FROM ${table}`));
      openForReading(file).close();
      expect(() => openForWriting(file)).toThrow(
        expect.objectContaining({
          message: expect.stringMatching(
            / is damaged: rows of \w+ have lost the rows they belong to$/,
          ),
          hint: expect.stringContaining(`doctor --db ${file}`),
        }),
      );
      expect(findDamage(file)).toContain(`rows of ${left} have lost the rows they belong to`);
    },
  );

  it('is refused for a wrong type in any column', () => {
    const taken = loose.columns.filter((place) => {
      const file = join(folder, `${++made}.db`);
      loose.with(file, place, "x'00'");
      try {
        openForReading(file).close();
        return place.column !== 'gzip';
      } catch (error) {
        return !(error as Error).message.includes(`has a wrong ${place.column}: `);
      } finally {
        rmSync(file);
      }
    });
    const rows = taken.map(({ table, column }) => `${table}.${column}`);
    // Tables in which this sweep has no row.
    expect(rows.filter((name) => !/^(sweep_script|deleted_sweep)\./.test(name))).toEqual([]);
  });
});
