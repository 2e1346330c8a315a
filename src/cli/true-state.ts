import type { SweepRow } from '../store/reader.ts';
import { isBeingWritten } from '../store/writer-lock.ts';

/** Sweeps of a database as they are: one that is `running` while nobody writes was killed. */
export function withTrueState(file: string, sweeps: readonly SweepRow[]): readonly SweepRow[] {
  if (!sweeps.some(({ state }) => state === 'running') || isBeingWritten(file)) return sweeps;
  return sweeps.map((sweep) =>
    sweep.state === 'running' ? { ...sweep, state: 'interrupted' } : sweep,
  );
}
