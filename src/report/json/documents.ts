import { type SweepDoubt, sumUpDoubts } from '../../analyse/doubts.ts';
import type { Judgement } from '../../analyse/expectations.ts';
import type { CellSummary } from '../../analyse/summary.ts';
import { RUN_STATES } from '../../export/columns.ts';
import { DOUBTS } from '../../export/doubt-table.ts';
import { factValue } from '../../export/fact-value.ts';
import { recordsOf } from '../../export/records.ts';
import { RUNS } from '../../export/run-tables.ts';
import { tableOf } from '../../export/table.ts';
import { sweepTable } from '../../export/tables.ts';
import type { SweepResults } from '../../results/sweep-results.ts';
import { doubtRows } from '../../store/doubt-rows.ts';
import {
  environmentFacts,
  environmentsOf,
  environmentWarningRows,
} from '../../store/environment-rows.ts';
import { failedHooks } from '../../store/hook-calls.ts';
import { hostProgress } from '../../store/host-progress.ts';
import { originsWithMachines } from '../../store/merge/origins.ts';
import type { Db } from '../../store/open.ts';
import { runsDone, type SweepRow, stateCounts } from '../../store/reader.ts';
import { runRows } from '../../store/run-rows.ts';
import { optionsOf } from '../../store/sweep-options.ts';
import { cellsElsewhere } from '../../store/sweep-shards.ts';
import { findings } from '../findings/findings.ts';
import { documentHead } from './document-head.ts';
import { MISSES } from './misses.ts';
import { pipeStateShares } from './pipe-state-shares.ts';
import type {
  FullSweep,
  ListedSweep,
  ReportDocument,
  RunDocument,
  StatusDocument,
} from './schemas.ts';

/*
 * The documents that commands print with --json; src/report/json/schemas.ts says what is in them.
 * Only its types are imported: printing a document needs no schema.
 */

/** @param database the file, as it was named */
export function statusDocument(
  database: string,
  sweeps: readonly (ListedSweep | FullSweep)[],
): StatusDocument {
  return { ...documentHead('status'), database, sweeps: [...sweeps] };
}

export function runDocument(
  database: string,
  results: SweepResults,
  ended: {
    readonly exitCode: number;
    readonly folder: string;
    readonly files: readonly RunDocument['files'][number][];
  },
): RunDocument {
  return {
    ...{ ...documentHead('run'), database, exit_code: ended.exitCode, folder: ended.folder },
    files: [...ended.files],
    sweep: fullSweep(results),
  };
}

export function reportDocument(database: string, results: SweepResults): ReportDocument {
  const rows = (name: string) => recordsOf(sweepTable(results, name));
  return {
    ...{ ...documentHead('report'), database, sweep: fullSweep(results) },
    findings: findings(results).map(({ subject, text }) => ({ subject, text })),
    probe_effect: rows('probe_effect'),
    bandwidth_fit: rows('bandwidth_fit'),
    bandwidth_residuals: rows('bandwidth_residuals'),
    syscalls_summary: rows('syscalls_summary'),
    counters_summary: rows('counters_summary'),
    pipe_state_shares: recordsOf(pipeStateShares(results)),
  };
}

/** A sweep in the list of all, without its figures. */
export function listedSweep(db: Db, sweep: SweepRow): ListedSweep {
  return {
    ...sweepFacts(db, sweep),
    doubts_without_cells: doubtRecords(sumUpDoubts(doubtRows(db, sweep.id))),
  };
}

export function fullSweep(results: SweepResults): FullSweep {
  const { db, sweep, selection } = results;
  return {
    ...sweepFacts(db, sweep),
    settings: settingsOf(results),
    suspect_let_in: selection.suspect,
    cells: cellRecords(results),
    expectations: results.judged.map(expectationRecord),
    doubts: doubtRecords(results.doubts),
    missing: results.missing.map(({ name, reason }) => ({ name, reason })),
    failed_hooks: failedHooks(db, sweep.id).map(({ host, hook, failure, calls }) => ({
      ...{ host, hook, failure, calls },
    })),
    advice: [...results.advice],
    not_good_attempts: recordsOf(tableOf(RUNS, () => runRows(db, sweep.id, 'bad'), undefined)),
    environments: environmentRecords(db, sweep.id),
  };
}

function sweepFacts(db: Db, sweep: SweepRow) {
  const {
    id,
    name,
    description,
    note,
    state,
    tracer,
    ended_at,
    active_ms,
    planned_runs,
    shard,
    shards,
  } = sweep;
  const states = stateCounts(db, id);
  const counts = RUN_STATES.map((of) => [of, states.get(of) ?? 0] as const);
  return {
    ...{ id, name, description, note, state, tracer },
    ...{ started_at: sweep.started_at || null, ended_at, active_ms, planned_runs },
    ...{ shard, shards, cells_of_other_shards: cellsElsewhere(db, id).size },
    done_runs: runsDone(db, id),
    not_good_runs: counts.reduce((sum, [of, runs]) => sum + (of === 'completed' ? 0 : runs), 0),
    runs_by_state: Object.fromEntries(counts),
    origins: originsWithMachines(db, id).map(({ file, database, originalId, machines }) => ({
      ...{ file, database, sweep_id: originalId, machines: [...machines] },
    })),
    hosts: hostProgress(db, id).map((host) => ({
      host: host.name || null,
      machine: host.machine ?? null,
      cells: host.cells,
      planned_runs: host.planned,
      done_runs: host.done,
      not_good_runs: host.bad,
      trouble: host.trouble ? { state: host.trouble.state, reason: host.trouble.reason } : null,
    })),
  };
}

function settingsOf({ db, sweep, provenance }: SweepResults): FullSweep['settings'] {
  const { seed, run_order, trials_min, trials_max, relative_ci, budget_ms, iterations } = sweep;
  return {
    ...{ spec_file: sweep.spec_file || null, seed, run_order, warmup_trials: sweep.warmup },
    ...{ trials_min, trials_max, relative_ci, budget_ms, iterations },
    options: optionsOf(db, sweep.id).map(({ option, value }) => ({ option, value })),
    bare: sweep.bare === 1,
    controls: sweep.controls === 1,
    iterations_as_runs: sweep.iterations_as_runs === 1,
    instruments: provenance.instruments.split(',').filter((name) => name !== ''),
    counters: provenance.counters || null,
  };
}

function cellRecords(results: SweepResults): FullSweep['cells'] {
  const warnings = ({ bandwidth }: CellSummary) =>
    (bandwidth?.warnings ?? []).map(({ code, message }) => ({ code, message }));
  return recordsOf(sweepTable(results, 'summary')).map((cell, at) => ({
    ...cell,
    warnings: warnings(results.summaries[at]!),
  }));
}

function expectationRecord({ expectation, cells, misses }: Judgement) {
  return {
    ...{ expectation, fulfilled: misses.length === 0, cells },
    misses: recordsOf(tableOf(MISSES, () => misses, undefined)),
  };
}

function doubtRecords(doubts: readonly SweepDoubt[]): ListedSweep['doubts_without_cells'] {
  return recordsOf(tableOf(DOUBTS, () => doubts, undefined)).map((row, at) => {
    const { cells, hosts, note } = doubts[at]!;
    return { ...row, cells: [...cells], hosts: [...hosts], note };
  });
}

function environmentRecords(db: Db, sweepId: number): FullSweep['environments'] {
  const warnings = [...environmentWarningRows(db, sweepId)];
  return environmentsOf(db, sweepId).map(({ id, host, machine, capturedAt }) => ({
    environment_id: id,
    captured_at: capturedAt || null,
    host: host || null,
    machine,
    facts: Object.fromEntries(
      [...environmentFacts(db, id)].map(([key, value]) => [key, numberOrText(key, value)]),
    ),
    warnings: warnings
      .filter((warning) => warning.environment_id === id)
      .map(({ code, message }) => ({ code, message })),
  }));
}

/** A number where a fact is one; any other text as it is, while tables write lists for a sheet. */
function numberOrText(key: string, value: string): number | string {
  const shown = factValue(key, value);
  return typeof shown === 'number' ? shown : value;
}
