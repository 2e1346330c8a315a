import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runOrderFigures } from '../../src/report/figures/run-order.ts';
import { openForWriting, type WritableDb } from '../../src/store/open.ts';
import { chooseSweep } from '../../src/store/reader.ts';
import { exampleResult, exampleSweep } from '../store/example-sweep.ts';

const RUNS = 200_000;
const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-many-runs-test-'));
let database: WritableDb;
beforeAll(() => {
  database = openForWriting(join(folder, 'sweep.db'));
  const { db } = database;
  const { store } = exampleSweep(db);
  store(exampleResult(1));
  db.exec(`
    WITH RECURSIVE trial (n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM trial WHERE n < ${RUNS})
    INSERT INTO run (cell_id, environment_id, ordinal, trial, attempt, warmup, traced, state,
      stderr_tail, started_at, wall_ns)
    SELECT cell_id, environment_id, n, n, 1, 0, 1, 'completed', '', 'start of ' || n, 1
    FROM trial, run WHERE run.id = 1;
    INSERT INTO sample (run_id, iteration, warmup, elapsed_ns, bandwidth_bytes_per_s)
    SELECT id, 1, 0, 1, 1000 + id % 100 FROM run WHERE id > 1;`);
});
afterAll(() => {
  database.close();
  rmSync(folder, { recursive: true, force: true });
});

it('the order of two hundred thousand runs is drawn, with the facts of each run that is shown', () => {
  const { db } = database;
  const [figure] = runOrderFigures({
    ...{ db, sweep: chooseSweep(db, undefined), selection: { suspect: false } },
    ...{ summaries: [], facts: new Map(), pipeStates: [], stateBits: [] },
  });
  expect(figure?.caption).toContain(`${RUNS} runs as they were made`);
  expect(figure!.data.rows.length).toBeLessThan(1100);
  const at = (column: string) => figure!.data.columns.indexOf(column);
  const drawn = figure!.data.rows[5]!;
  expect(drawn[at('started_at')]).toBe(`start of ${drawn[at('run_id')]}`);
  expect(drawn[at('bandwidth_bytes_per_s')]).toBe(1000 + (Number(drawn[at('run_id')]) % 100));
});
