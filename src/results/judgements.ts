import { medianSyscalls, type SyscallMedians } from '../analyse/counts.ts';
import { type Evidence, type Judgement, judgeExpectations } from '../analyse/expectations.ts';
import type { CellSummary } from '../analyse/summary.ts';
import { parseExpectation } from '../experiment/expectation.ts';
import type { CallRole } from '../experiment/quantity.ts';
import { kernelHasCall } from '../host/kernel/system-calls.ts';
import { cellPipeStates, runSyscalls, type Selection } from '../store/cell-data.ts';
import { environmentFacts, environmentsOf } from '../store/environment-rows.ts';
import type { Db } from '../store/open.ts';
import { expectationsOf, type SweepRow, stateBits } from '../store/reader.ts';

/** Checks the expectations of a sweep's spec against the results of the sweep. */
export function judgements(
  db: Db,
  sweep: SweepRow,
  selection: Selection,
  summaries: readonly CellSummary[],
): readonly Judgement[] {
  const texts = expectationsOf(db, sweep.id);
  if (texts.length === 0) return [];
  const evidence = evidenceOf(db, sweep, selection, summaries);
  return texts.flatMap((text) => {
    const parsed = parseExpectation(text);
    if (parsed.state === 'ok') return judgeExpectations([parsed.expectation], evidence);
    // Stored by a version that parsed it differently: its meaning is unknown.
    const found = `not judged: expected ${parsed.expected}`;
    const misses = summaries.map(({ cell }) => ({ cell, found }));
    return [{ expectation: text, cells: summaries.length, misses }];
  });
}

/** Everything in a sweep by which expectations are judged, its own or those of another spec. */
export function evidenceOf(
  db: Db,
  sweep: SweepRow,
  selection: Selection,
  summaries: readonly CellSummary[],
): Evidence {
  const kernels = environmentsOf(db, sweep.id).map(
    ({ id }) => environmentFacts(db, id).get('os_name') ?? '',
  );
  const byRole = new Map<CallRole, SyscallMedians>();
  const syscallsOf = (role: CallRole) => {
    const known = byRole.get(role);
    if (known) return known;
    const medians = medianSyscalls(ofRole(runSyscalls(db, sweep.id, selection), role));
    byRole.set(role, medians);
    return medians;
  };
  return {
    summaries,
    syscalls: medianSyscalls(runSyscalls(db, sweep.id, selection)),
    syscallsOf,
    noKernelHas: (call) =>
      kernels.length > 0 && kernels.every((kernel) => kernelHasCall(kernel, call) === false),
    pipeStates: cellPipeStates(db, sweep.id, selection),
    stateBits: stateBits(db, sweep.id),
  };
}

function* ofRole<Row extends { readonly role: string }>(rows: Iterable<Row>, role: CallRole) {
  for (const row of rows) if (row.role === role) yield row;
}
