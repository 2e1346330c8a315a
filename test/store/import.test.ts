import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Import, type ImportedRun, writeImport } from '../../src/store/import-writer.ts';
import { openForWriting, type WritableDb } from '../../src/store/open.ts';
import { CELL } from './example-sweep.ts';

let folder: string;
let database: WritableDb;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-import-test-'));
  database = openForWriting(join(folder, 'sweep.db'));
});
afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true, force: true });
});

const rows = (sql: string) => database.db.prepare(sql).raw().all();
const run = (change: Partial<ImportedRun> = {}): ImportedRun => ({
  ...{ cell: CELL, warmup: false, facts: [] },
  samples: [{ iteration: 1, elapsedNs: 5, bandwidthBytesPerS: 9 }],
  ...change,
});
const imported = (runs: readonly ImportedRun[]): Import => ({
  ...{ name: 'old', description: 'words', identity: 'i', file: '/n.json' },
  ...{ bare: true, iterations: 1, rusage: false, runs },
});

describe('an import', () => {
  const other = { ...CELL, bufferBytes: 1024 };
  const pi = [{ key: 'kern.hostname', value: 'pi' }];
  const x86 = [{ key: 'kern.hostname', value: 'x86' }];

  it('numbers the trials of each cell, and has an environment for each machine', () => {
    writeImport(
      database.db,
      imported([
        run({ facts: pi }),
        run({ facts: pi, cell: other }),
        run({ facts: x86 }),
        run({ facts: pi, warmup: true }),
      ]),
    );
    expect(
      rows(`SELECT ordinal, cell.number, trial, warmup, host.name FROM run
            JOIN cell ON cell.id = cell_id JOIN environment ON environment.id = environment_id
            JOIN host ON host.id = host_id ORDER BY run.id`),
    ).toEqual([
      [1, 1, 1, 0, 'pi'],
      [2, 2, 1, 0, 'pi'],
      [3, 1, 2, 0, 'x86'],
      [4, 1, 3, 1, 'pi'],
    ]);
    expect(rows('SELECT environment_id, key, value FROM environment_fact ORDER BY 1')).toEqual([
      [1, 'kern.hostname', 'pi'],
      [2, 'kern.hostname', 'x86'],
    ]);
    expect(rows('SELECT DISTINCT attempt, traced, state, exit_code, pid, reason FROM run')).toEqual(
      [[1, 0, 'completed', null, null, null]],
    );
  });

  it('is an untraced sweep that has ended, with nothing that no document tells', () => {
    expect(writeImport(database.db, imported([run(), run({ cell: other }), run()]))).toBe(1);
    expect(
      rows(`SELECT name, description, identity, spec_file, spec_text, run_order, planned_runs,
              trials_min, trials_max, relative_ci, budget_ms, warmup, controls FROM sweep`),
    ).toEqual([['old', 'words', 'i', '/n.json', '', 'imported', 3, 2, 2, null, null, 0, 0]]);
    expect(
      rows(`SELECT state, started_at, ended_at, tracer, instruments, counters, bare, iterations,
              rusage, benchmark_path FROM sweep`),
    ).toEqual([['ended', '', null, 'none', '', '', 1, 1, 0, '']]);
    expect(rows('SELECT number, buffer_bytes FROM cell ORDER BY number')).toEqual([
      [1, 512],
      [2, 1024],
    ]);
    for (const table of ['expectation', 'sweep_script', 'pipe_state_bit', 'raw_trace']) {
      expect(rows(`SELECT * FROM ${table}`)).toEqual([]);
    }
  });

  it('of no runs at all has no trials', () => {
    writeImport(database.db, imported([]));
    expect(rows('SELECT planned_runs, trials_min, trials_max FROM sweep')).toEqual([[0, 0, 0]]);
  });
});

describe('the environment of an import', () => {
  const environment = (facts: Readonly<Record<string, string>>) => {
    const told = Object.entries(facts).map(([key, value]) => ({ key, value }));
    const id = writeImport(database.db, imported([run({ facts: told })]));
    return database.db
      .prepare<[number], Record<string, unknown>>(
        `SELECT host.name AS machine, host_name AS host, os_name, os_release, architecture,
           cpu_model, cpu_count, memory_bytes, captured_at
         FROM environment JOIN host ON host.id = host_id WHERE sweep_id = ?`,
      )
      .get(id)!;
  };

  it('is what the documents say of the machine', () => {
    expect(
      environment({
        ...{ 'kern.hostname': 'pi', 'kern.ostype': 'FreeBSD', 'kern.osrelease': '14.1' },
        ...{ 'hw.machine': 'amd64', 'hw.model': 'Cortex', 'hw.ncpu': '4', 'hw.physmem': '1024' },
      }),
    ).toEqual({
      ...{ machine: 'pi', host: '', os_name: 'FreeBSD', os_release: '14.1', architecture: 'x64' },
      ...{ cpu_model: 'Cortex', cpu_count: 4, memory_bytes: 1024, captured_at: '' },
    });
  });

  it('is empty where they say nothing', () => {
    expect(environment({})).toEqual({
      ...{ machine: 'imported', host: '', os_name: '', os_release: '', architecture: '' },
      ...{ cpu_model: '', cpu_count: 0, memory_bytes: 0, captured_at: '' },
    });
  });

  it('is named after its processor where its own name is blank', () => {
    expect(environment({ 'kern.hostname': ' ', 'hw.model': 'Cortex' }).machine).toBe('Cortex');
    expect(environment({ 'kern.hostname': ' ', 'hw.model': '\t' }).machine).toBe('imported');
  });

  it('has the names of other sweeps for architectures, and keeps those that it does not know', () => {
    for (const [told, stored] of [
      ['x86_64', 'x64'],
      ['aarch64', 'arm64'],
      ['i386', 'ia32'],
      ['riscv64', 'riscv64'],
      ['constructor', 'constructor'],
    ] as const) {
      expect(environment({ 'hw.machine': told }).architecture).toBe(stored);
    }
  });

  it.each(['0', '-2', '1.5', 'many', '9007199254740992'])('has no count of %j', (value) => {
    expect(environment({ 'hw.ncpu': value, 'hw.physmem': value })).toMatchObject({
      ...{ cpu_count: 0, memory_bytes: 0 },
    });
  });

  it('has a count of one', () => {
    expect(environment({ 'hw.ncpu': '1' }).cpu_count).toBe(1);
  });
});
