import type { RunResult } from '../../../src/execute/outcome.ts';
import type { Cell } from '../../../src/experiment/cell.ts';
import type { Db } from '../../../src/store/open.ts';
import { CELL, exampleResult, exampleSweep } from '../../store/example-sweep.ts';

/** Closes what it stands in, opens what runs, and begins like a formula. */
export const HOSTILE = `=1+1"'></td></svg></title></style></script><script>alert(1)</script><img src=x onerror=alert(1)><!--`;

const ofCell = (cell: Cell, cellIndex: number, trial: number, change: Partial<RunResult> = {}) => {
  const result = exampleResult(trial, change);
  return { ...result, planned: { ...result.planned, cell, cellIndex, trial } };
};

/** A sweep with a run of every end, whose every text is hostile. */
export function hostileSweep(db: Db): void {
  const { id, store } = exampleSweep(db, {
    description: HOSTILE,
    specFile: `/tmp/${HOSTILE}`,
    specText: HOSTILE,
    traceProgram: HOSTILE,
    benchmarkPath: `/opt/my ${HOSTILE}/ipc-benchmark`,
    scripts: [
      {
        name: HOSTILE,
        path: HOSTILE,
        tracer: 'bpftrace',
        json: true,
        text: HOSTILE,
        attached: 'per-run',
        attachedBecause: HOSTILE,
      },
    ],
  });
  for (let trial = 1; trial <= 6; trial++) {
    const result = exampleResult(trial);
    store({
      ...result,
      doubts: [{ code: 'raw-cut', message: HOSTILE, suspect: false }],
      counts: {
        ...result.counts!,
        syscalls: [{ role: 'receiver', syscall: HOSTILE, count: trial }],
      },
    });
  }
  store(
    exampleResult(7, {
      outcome: { state: 'failed', reason: HOSTILE },
      stderrTail: `\x1b[31m${HOSTILE}`,
      exitCode: 71,
    }),
  );
  db.prepare('UPDATE pipe_state_bit SET name = ? WHERE sweep_id = ?').run(HOSTILE, id);
  db.prepare('UPDATE environment SET cpu_model = ?, os_name = ?').run(HOSTILE, HOSTILE);
  db.prepare('UPDATE environment_fact SET key = ?, value = ? WHERE key = ?').run(
    HOSTILE,
    HOSTILE,
    'hw.model',
  );
  db.prepare('UPDATE environment_warning SET message = ?').run(HOSTILE);
  db.prepare('UPDATE host SET name = ?').run(HOSTILE);
}

/** Twenty sizes, so many trials, each traced and untraced. */
export function twentyCells(db: Db, trials = 11): void {
  const cells = Array.from({ length: 20 }, (_, at) => ({
    ...CELL,
    bufferBytes: 2 ** (at + 5),
    totalBytes: 2 ** 26,
  }));
  const { store } = exampleSweep(db, { name: 'twenty', cells, controls: true, expectations: [] });
  for (let trial = 1; trial <= trials; trial++) {
    for (const [at, cell] of cells.entries()) {
      const traced = ofCell(cell, at, trial);
      store(traced);
      store({
        ...traced,
        planned: { ...traced.planned, traced: false },
        counts: undefined,
        rawTrace: '',
        doubts: [],
      });
    }
  }
}
