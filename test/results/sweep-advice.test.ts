import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { cellSummaries } from '../../src/results/cell-summaries.ts';
import { sweepAdvice } from '../../src/results/sweep-advice.ts';
import { openForWriting } from '../../src/store/open.ts';
import { chooseSweep } from '../../src/store/reader.ts';
import { madeSweep } from '../report/made-sweep.ts';
import { CELL } from '../store/example-sweep.ts';

it('no advice is given before a sweep has ended', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-advice-'));
  const { db, close } = openForWriting(join(folder, 'x.db'));
  try {
    madeSweep(db, { cells: [CELL], trials: 8, elapsedNs: (_, trial) => 1000 + 100 * trial });
    const sweep = chooseSweep(db, undefined);
    const summaries = cellSummaries(db, sweep, { suspect: false });
    const advised = (['running', 'interrupted', 'stopped', 'ended'] as const).map(
      (state) => sweepAdvice(db, { ...sweep, state }, summaries).length,
    );
    expect(advised).toEqual([0, 0, 0, 1]);
  } finally {
    close();
    rmSync(folder, { recursive: true });
  }
});
