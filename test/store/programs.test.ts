import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sweepTables } from '../../src/export/tables.ts';
import { sweepResults } from '../../src/results/sweep-results.ts';
import { environmentFacts } from '../../src/store/environment-rows.ts';
import { DATABASE_VERSION, versionOf } from '../../src/store/migrations.ts';
import { type Db, openForReading, openForWriting } from '../../src/store/open.ts';
import { cellOf, cellsOf, chooseSweep } from '../../src/store/reader.ts';
import { runHistory } from '../../src/store/run-history.ts';
import { recordSweepHost, sweepHosts, sweepPrograms } from '../../src/store/sweep-hosts.ts';
import { updateSweep } from '../../src/store/sweep-writer.ts';
import { CELL, exampleResult, exampleSweep, NEW_SWEEP } from './example-sweep.ts';
import { madeByVersion2 } from './made-by-version-2.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function column(db: Db, table: string, name: string): readonly unknown[] {
  const found = sweepTables(sweepResults(db, chooseSweep(db, undefined), { suspect: false })).find(
    (each) => each.name === table,
  )!;
  const at = found.columns.findIndex((each) => each.name === name);
  return [...found.rows()].map((row) => row[at]);
}

describe('a database of version 2', () => {
  it.each(['read', 'written'])('has sweeps of one program, as before, when it is %s', (how) => {
    const file = join(folder, 'old.db');
    madeByVersion2(file);
    const open =
      how === 'read' ? { db: openForReading(file), close: () => {} } : openForWriting(file);
    const { db } = open;
    expect(versionOf(db)).toBe(DATABASE_VERSION);
    expect(cellsOf(db, 1).map(cellOf)).toEqual([{ ...CELL, bufferBytes: 512, totalBytes: 1024 }]);
    expect([...runHistory(db, 1).ended]).toEqual(['pipe,2proc,512,1024#1 untraced']);
    expect(column(db, 'runs', 'program')).toEqual([null]);
    expect(column(db, 'samples', 'bandwidth_bytes_per_s')).toEqual([9]);
    expect(column(db, 'summary', 'program')).toEqual([null]);
    expect(sweepHosts(db, 1).get('local')).toMatchObject({ benchmarkSha256: 'h', programs: [] });
    expect(environmentFacts(db, 1).get('benchmark_sha256')).toBe('h');
    db.close();
    open.close();
    // Who only reads leaves the file as it was.
    const again = openForWriting(file);
    expect(versionOf(again.db)).toBe(DATABASE_VERSION);
    again.close();
  });
});

describe('the programs of a sweep', () => {
  const by = (program: string) => ({ ...CELL, program });
  const cells = [by('new'), by('base')];
  let open: ReturnType<typeof openForWriting>;
  beforeEach(() => {
    open = openForWriting(join(folder, 'new.db'));
  });
  afterEach(() => open.close());

  it('distinguish its cells, runs and samples', () => {
    const { id, store } = exampleSweep(open.db, { cells });
    cells.forEach((cell, at) => {
      const { planned, ...result } = exampleResult(1);
      store({ ...result, planned: { ...planned, ordinal: at + 1, cell } });
    });
    expect(cellsOf(open.db, id).map(cellOf)).toEqual(cells);
    for (const table of ['runs', 'summary']) {
      expect(column(open.db, table, 'program')).toEqual(['new', 'base']);
    }
    expect(new Set(column(open.db, 'samples', 'program'))).toEqual(new Set(['new', 'base']));
  });

  it('keep their runs when the spec asks for more cells', () => {
    const { id } = exampleSweep(open.db, { cells });
    const more = [...cells, { ...by('new'), bufferBytes: 4096 }];
    expect(updateSweep(open.db, id, { ...NEW_SWEEP, cells: more })).toMatchObject({
      kept: 2,
      fresh: [{ bufferBytes: 4096, program: 'new' }],
      orphaned: [],
    });
  });

  it('are known on each host as they were at its first run, in the order of the spec', () => {
    const { id } = exampleSweep(open.db, { cells, benchmarkPath: '', benchmarkSha256: '' });
    const host = {
      ...{ name: 'local', machine: 'vm', benchmarkPath: '', benchmarkSha256: '' },
      traceProgramSha256: '',
    };
    const programs = [
      { name: 'new', path: '/n', sha256: '1' },
      { name: 'base', path: '/b', sha256: '2' },
    ];
    recordSweepHost(open.db, id, { ...host, programs });
    recordSweepHost(open.db, id, { ...host, programs: [{ ...programs[0]!, sha256: '3' }] });
    expect(sweepHosts(open.db, id).get('local')?.programs).toMatchObject(programs);
    expect(sweepPrograms(open.db, id).map(({ name, sha256 }) => [name, sha256])).toEqual([
      ['new', '1'],
      ['base', '2'],
    ]);
    const facts = environmentFacts(open.db, 1);
    expect(facts.get('benchmark_sha256.base')).toBe('2');
    expect(facts.has('benchmark_sha256')).toBe(false);
  });
});
