import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sweepTables } from '../../src/export/tables.ts';
import { sweepResults } from '../../src/results/sweep-results.ts';
import { environmentsOf } from '../../src/store/environment-rows.ts';
import {
  forgetTroubles,
  hostProgress,
  hostTroubles,
  noteTrouble,
} from '../../src/store/host-progress.ts';
import { writeImport } from '../../src/store/import-writer.ts';
import { type Db, openForReading, openForWriting } from '../../src/store/open.ts';
import { cellOf, cellsOf, chooseSweep } from '../../src/store/reader.ts';
import { assignedHosts, assignHosts } from '../../src/store/sweep-hosts.ts';
import { CELL, exampleResult, exampleSweep } from './example-sweep.ts';
import { madeByVersion1 } from './made-by-version-1.ts';

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

describe('a sweep of version 1', () => {
  const MADE = `
    INSERT INTO host VALUES (1, 'vm');
    INSERT INTO environment VALUES (1, 1, 1, '2026-01-01T00:00:00.000Z', 'Linux', '6', '#1', 'x64',
      'cpu', 2, 1024, 0.5, 'v20', '0.1.0', '');
    INSERT INTO cell VALUES (1, 1, 1, 'pipe,2proc,512,1024', 'pipe', '2proc', 512, 1024, 0, 1);
    INSERT INTO run VALUES (1, 1, 1, 1, 1, 1, 0, 0, 'completed', NULL, 0, NULL, 7, '',
      '2026-01-01T00:00:00.000Z', 5);`;

  it.each(['read', 'written'])('was made on this machine, and says so when it is %s', (how) => {
    const file = join(folder, 'old.db');
    const old = madeByVersion1(file);
    old.exec(MADE);
    old.close();
    const open =
      how === 'read' ? { db: openForReading(file), close: () => {} } : openForWriting(file);
    const { db } = open;
    expect(column(db, 'runs', 'host')).toEqual(['local']);
    expect(column(db, 'runs', 'machine')).toEqual(['vm']);
    expect(column(db, 'summary', 'host')).toEqual(['local']);
    expect(new Set(column(db, 'environment', 'host'))).toEqual(new Set(['local']));
    expect(column(db, 'runs', 'max_rss_bytes')).toEqual([null]);
    expect(cellsOf(db, 1).map(cellOf)).toEqual([{ ...CELL, bufferBytes: 512, totalBytes: 1024 }]);
    expect([...assignedHosts(db, 1)]).toEqual([['pipe,2proc,512,1024', 'local']]);
    db.close();
    open.close();
  });
});

describe('hosts in a database', () => {
  let open: ReturnType<typeof openForWriting>;
  beforeEach(() => {
    open = openForWriting(join(folder, 'new.db'));
  });
  afterEach(() => open.close());

  it('are unknown for an import, where only the name of the machine is known', () => {
    writeImport(open.db, {
      ...{ name: 'old', description: '', identity: 'i', file: '/n', bare: true, iterations: 1 },
      rusage: false,
      runs: [
        {
          ...{ cell: CELL, warmup: false },
          samples: [{ iteration: 1, elapsedNs: 5, bandwidthBytesPerS: 9 }],
          facts: [{ key: 'kern.hostname', value: 'rpi' }],
        },
      ],
    });
    expect(column(open.db, 'runs', 'host')).toEqual([null]);
    expect(column(open.db, 'runs', 'machine')).toEqual(['rpi']);
    expect(column(open.db, 'summary', 'host')).toEqual([null]);
  });

  it('have done the runs of their cells, and still have to do the planned ones', () => {
    const other = { ...CELL, bufferBytes: 1024 };
    const { id, store } = exampleSweep(open.db);
    assignHosts(open.db, id, [
      [CELL, 'board-1'],
      [other, 'board-2'],
    ]);
    store(exampleResult(1));
    store(exampleResult(2, { outcome: { state: 'failed', reason: 'x' } as never }));
    const { controls, warmup, trials_min: least } = chooseSweep(open.db, undefined);
    const planned = (1 + controls) * (warmup + least);
    expect(hostProgress(open.db, id)).toEqual([
      {
        ...{ name: 'board-1', machine: undefined, cells: 1, done: 2, bad: 1, trouble: undefined },
        planned: planned + Math.max(0, 2 - warmup - least),
      },
      {
        ...{ name: 'board-2', machine: undefined, cells: 1, done: 0, bad: 0, planned },
        trouble: undefined,
      },
    ]);
  });

  it('are in trouble until they are back, or the sweep is started again', () => {
    const { id } = exampleSweep(open.db);
    noteTrouble(open.db, id, 'a', { state: 'gone', reason: 'link' });
    noteTrouble(open.db, id, 'b', { state: 'gone', reason: 'link' });
    noteTrouble(open.db, id, 'b', { state: 'away', reason: 'no route' });
    noteTrouble(open.db, id, 'a', undefined);
    expect([...hostTroubles(open.db, id)]).toEqual([['b', { state: 'away', reason: 'no route' }]]);
    forgetTroubles(open.db, id);
    expect(hostTroubles(open.db, id).size).toBe(0);
    expect(environmentsOf(open.db, id)).toMatchObject([{ host: 'local', machine: 'vm' }]);
  });
});
