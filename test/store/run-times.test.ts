import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { cellKey } from '../../src/experiment/cell.ts';
import { activeTime } from '../../src/store/active-time.ts';
import { recordEnvironment } from '../../src/store/environment-writer.ts';
import { openForWriting } from '../../src/store/open.ts';
import { runTimes } from '../../src/store/run-times.ts';
import { runWriter } from '../../src/store/run-writer.ts';
import { CELL, ENVIRONMENT, exampleResult, exampleSweep } from './example-sweep.ts';

const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-times-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Stores runs of 100 ms each. @param runs trial, whether traced, ms from the run before until it was stored, attempt */
function stored(...visits: (readonly [number, boolean, number, number?])[][]) {
  const { db, close } = openForWriting(join(folder, `${visits.length}-${Math.random()}.db`));
  const { id } = exampleSweep(db);
  for (const runs of visits) {
    const environment = recordEnvironment(db, id, ENVIRONMENT, [], []);
    const store = runWriter(db, id, environment);
    let nowMs = 0;
    const active = activeTime(db, id, () => nowMs);
    for (const [trial, traced, ms, attempt = 1] of runs) {
      nowMs += ms;
      active.note();
      const planned = { ...exampleResult(trial).planned, traced };
      store(exampleResult(trial, { planned, attempt, wallNs: 100e6 }));
    }
  }
  const times = runTimes(db, id);
  close();
  return times;
}

const byKind = (times: ReturnType<typeof stored>) =>
  new Map(
    times.get('local')?.map((one) => [`${one.traced ? 'traced' : 'untraced'} ${one.changed}`, one]),
  );

describe('the times of the stored runs', () => {
  it('are summed by cell, by kind, and by whether the tracer was attached or removed', () => {
    const kinds = byKind(
      stored([
        [1, true, 1500],
        [2, true, 130],
        [3, true, 150],
        [1, false, 900],
        [2, false, 110],
        [4, true, 1200],
      ]),
    );
    const shown = [...kinds].map(([kind, { cell, attempts, seconds, known, overheadSeconds }]) => [
      ...[kind, cell, attempts, seconds, known, Number(overheadSeconds.toFixed(6))],
    ]);
    const key = cellKey(CELL);
    expect(shown.sort()).toEqual([
      // Of the first run nobody knows when it began to be prepared.
      ['traced false', key, 2, 0.2, 2, 0.08],
      ['traced true', key, 2, 0.2, 1, 1.1],
      ['untraced false', key, 1, 0.1, 1, 0.01],
      ['untraced true', key, 1, 0.1, 1, 0.8],
    ]);
  });

  it('leave out the time between two starts, and distinguish attempts that follow each other', () => {
    const kinds = byKind(
      stored(
        [
          [1, false, 5000],
          [2, false, 120],
          [2, false, 120, 2],
        ],
        [
          [2, false, 60_000, 3],
          [3, false, 120],
        ],
      ),
    );
    expect([...kinds.keys()]).toEqual(['untraced false']);
    expect(kinds.get('untraced false')).toMatchObject({ attempts: 5, retries: 1, known: 3 });
    expect(kinds.get('untraced false')?.overheadSeconds).toBeCloseTo(0.06, 6);
  });

  it('are empty for a sweep without runs', () => {
    expect(stored()).toEqual(new Map());
  });
});
