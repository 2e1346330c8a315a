import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { activeMs, activeTime } from '../../src/store/active-time.ts';
import { MIGRATIONS } from '../../src/store/migrations.ts';
import { openForWriting } from '../../src/store/open.ts';
import { exampleSweep } from './example-sweep.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-active-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("a sweep's running time", () => {
  it('is the sum over all its starts, by a clock that may begin anywhere', () => {
    const { db, close } = openForWriting(join(folder, 'x.db'));
    const { id } = exampleSweep(db);
    for (const [began, took] of [
      [5_000_000, 1500],
      [17, 2500],
    ] as const) {
      let nowMs = began;
      const active = activeTime(db, id, () => nowMs);
      nowMs += took;
      active.note();
    }
    expect(activeMs(db, id)).toBe(4000);
    expect(activeMs(db, id + 1)).toBe(0);
    close();
  });

  it('is taken from the times of its starts in a database of version 1', () => {
    const file = join(folder, 'old.db');
    const old = new Database(file);
    old.exec(MIGRATIONS[0]!);
    old.pragma('user_version = 1');
    old.exec(`
      INSERT INTO host VALUES (1, 'vm');
      INSERT INTO sweep VALUES (1, 'old', '', '', '', '', 1, 'shuffled', 2, 0, 2, 2, NULL, NULL, 0,
        'none', '', '', '', '', '', 1, 1, 0, '2026-01-01T00:00:00.000Z', NULL, 'interrupted');
      INSERT INTO sweep SELECT 2, name, description, identity, spec_file, spec_text, seed, run_order,
        planned_runs, warmup, trials_min, trials_max, relative_ci, budget_ms, controls, tracer,
        trace_program, trace_program_sha256, instruments, benchmark_path, benchmark_sha256,
        iterations, bare, rusage, started_at, ended_at, state FROM sweep;
      INSERT INTO cell VALUES (1, 1, 1, 'k', 'pipe', '2proc', 512, 1024, 0, 1);`);
    const environment = old.prepare(
      "INSERT INTO environment VALUES (?, 1, 1, ?, '', '', '', '', '', 1, 1, 0, '', '', '')",
    );
    const run = old.prepare(
      "INSERT INTO run VALUES (?, 1, ?, 1, ?, 1, 0, 0, 'completed', NULL, 0, NULL, 1, '', ?, ?)",
    );
    environment.run(1, '2026-01-01T00:00:00.000Z');
    environment.run(2, '2026-01-02T00:00:00.000Z');
    run.run(1, 1, 1, '2026-01-01T00:00:01.000Z', 500e6);
    run.run(2, 2, 2, '2026-01-02T00:00:02.250Z', 250e6);
    old.close();

    const { db, close } = openForWriting(file);
    expect([activeMs(db, 1), activeMs(db, 2)]).toEqual([1500 + 2500, 0]);
    close();
  });
});
