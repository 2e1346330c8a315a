import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { ORDERS } from '../../src/experiment/schema.ts';
import { runKey } from '../../src/plan/identity.ts';
import { orderRuns, type PlannedRun } from '../../src/plan/order.ts';
import { openForWriting } from '../../src/store/open.ts';
import { chooseSweep } from '../../src/store/reader.ts';
import { runHistory } from '../../src/store/run-history.ts';
import { refine } from '../../src/sweep/refine.ts';
import { CELL, exampleResult, exampleSweep } from '../store/example-sweep.ts';

const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-refine-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let databases = 0;

const CELLS = [CELL, { ...CELL, bufferBytes: 1024 }];

interface Shape {
  readonly max: number;
  readonly controls: boolean;
  readonly order: (typeof ORDERS)[number];
  readonly seed: number;
  /** A run's bandwidth, in bytes per second. */
  readonly bandwidth: (run: PlannedRun) => number;
}

/** A sweep of two cells until 2 % are reached, 5 trials at least, whose runs take no time. */
function sweepOf({ max, controls, order, seed, bandwidth }: Shape) {
  const { db, close } = openForWriting(join(folder, `${databases++}.db`));
  const { id, store } = exampleSweep(db);
  const planned = CELLS.length * 5 * (controls ? 2 : 1);
  db.prepare(
    `UPDATE sweep SET relative_ci = 0.02, trials_min = 5, trials_max = ?, controls = ?,
       planned_runs = ?`,
  ).run(max, Number(controls), planned);
  const plan = orderRuns(CELLS, { trials: max, warmup: 0, order, seed, traced: true, controls });
  const made: string[] = [];
  let looks = 0;
  const nowMs = () => {
    looks++;
    return 0;
  };
  /** Goes on with what is left, as a start of `run` does, and is killed after so many runs. */
  const start = (most = Number.POSITIVE_INFINITY) => {
    const done = runHistory(db, id).ended;
    const left = plan.filter((run) => !done.has(runKey(run)));
    const { runs } = refine(db, id, { left, nowMs, onMore: () => {} });
    let count = 0;
    for (const planned of runs) {
      if (count++ >= most) return;
      made.push(runKey(planned));
      const sample = { iteration: 1, elapsedNs: 1000, bandwidthBytesPerS: bandwidth(planned) };
      store(exampleResult(1, { planned, outcome: { state: 'completed', samples: [sample] } }));
    }
  };
  return {
    made,
    start,
    planned: () => chooseSweep(db, String(id)).planned_runs,
    /** How often it was asked what time is left. */
    looks: () => looks,
    close,
  };
}

/** Cells whose runs are alike after some trials that are not. */
const settling = fc.record({
  max: fc.integer({ min: 5, max: 16 }),
  controls: fc.boolean(),
  order: fc.constantFrom(...ORDERS),
  seed: fc.integer({ min: 0, max: 4294967295 }),
  noisy: fc.tuple(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 12 })),
});

describe('the runs that a sweep still needs', () => {
  it('are the same ones, in the same order, wherever it is killed and continued', () => {
    fc.assert(
      fc.property(settling, fc.array(fc.integer({ min: 1, max: 9 })), (drawn, kills) => {
        const { noisy, ...rest } = drawn;
        const bandwidth = ({ cellIndex, trial }: PlannedRun) =>
          trial <= noisy[cellIndex]! ? 1e9 * (1 + 0.2 * (trial % 2)) : 1e9;
        const whole = sweepOf({ ...rest, bandwidth });
        const killed = sweepOf({ ...rest, bandwidth });
        whole.start();
        for (const most of kills) killed.start(most);
        killed.start();
        expect(killed.made).toEqual(whole.made);
        expect(whole.planned()).toBe(whole.made.length);
        whole.close();
        killed.close();
      }),
      { numRuns: 25 },
    );
  });

  it('are chosen less often when there have been many, and are the same after a kill', () => {
    const bandwidth = ({ cellIndex, trial }: PlannedRun) =>
      1e9 * (1 + (trial <= 106 + 14 * cellIndex ? 0.2 : 0.001) * (trial % 2));
    const shape = { controls: false, order: 'shuffled', seed: 1, max: 150, bandwidth } as const;
    const whole = sweepOf(shape);
    whole.start();
    const killed = sweepOf(shape);
    for (const most of [205, 20, 7, 1, 9]) killed.start(most);
    killed.start();
    expect(killed.made).toEqual(whole.made);
    expect(killed.made.length).toBeGreaterThan(215);
    whole.close();
    killed.close();
  });

  it('are quickly found to be none, however many trials there might have been', () => {
    const shape = { controls: false, order: 'shuffled', seed: 1, bandwidth: () => 1e9 } as const;
    const { made, start, looks, close } = sweepOf({ ...shape, max: 10_000 });
    start();
    expect(made).toHaveLength(10);
    expect(looks()).toBeLessThan(50);
    close();
  });
});
