import type { SweepRow } from '../store/reader.ts';
import { isBeingWritten } from '../store/writer-lock.ts';

/** Corrects the state of sweeps: one that is `running` while no process writes has been killed. */
export function withCorrectedState(file: string, sweeps: readonly SweepRow[]): readonly SweepRow[] {
  if (!sweeps.some(({ state }) => state === 'running') || isBeingWritten(file)) return sweeps;
  return sweeps.map((sweep) =>
    sweep.state === 'running' ? { ...sweep, state: 'interrupted' } : sweep,
  );
}
