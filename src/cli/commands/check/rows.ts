import { measuredIn } from '../../../analyse/expectations.ts';
import type { CheckedSweep, CheckRow } from '../../../export/check-table.ts';
import { type CheckedFile, doubtsOf } from './checked-files.ts';

/** The rows of a database: one for each expectation, or one that says why it cannot be read. */
export function checkRows(each: CheckedFile): readonly CheckRow[] {
  const { student, file: database, checked } = each;
  if (checked.state === 'unread') {
    const { because, reason: found } = checked;
    return [
      { student, database, ...UNREAD, state: 'not-judged', because, found, judged: undefined },
    ];
  }
  const { sweep, facts } = checked;
  const about: CheckedSweep = {
    sweep: `${sweep.name}-${sweep.id}`,
    sweeps: checked.sweeps,
    startedAt: sweep.started_at || null,
    machine: checked.machines.join('; ') || null,
    system: [facts.get('os_name'), facts.get('os_release')].filter(Boolean).join(' ') || null,
    processor: facts.get('cpu_model') ?? null,
    differences: checked.differences.map(({ message }) => message).join('; ') || null,
    doubts: doubtsOf(each).join('; ') || null,
  };
  return checked.judged.map(({ expectation: { text, assertion }, verdict }) => ({
    ...{ student, database, ...about },
    state: verdict.state,
    because: verdict.because ?? null,
    found: verdict.found,
    judged: { expectation: text, unit: measuredIn(assertion), verdict },
  }));
}

const UNREAD: CheckedSweep = {
  ...{ sweep: null, sweeps: null, startedAt: null, machine: null, system: null, processor: null },
  ...{ differences: null, doubts: null },
};
