import { isDeepStrictEqual } from 'node:util';
import type { Experiment } from '../experiment/load.ts';
import { setMissing } from '../store/missing.ts';
import type { Db } from '../store/open.ts';
import { listSweeps, runsDone, sweepById } from '../store/reader.ts';
import { optionsOf, setOptions } from '../store/sweep-options.ts';
import { createSweep, sweepToContinue, updateSweep } from '../store/sweep-writer.ts';
import { pipeStateTable } from '../trace/pipe-state-bits.ts';
import { differingConditions } from './differing-conditions.ts';
import type { Report } from './events.ts';
import { firstHost, isTraced, type Prepared } from './prepare.ts';
import { missingOnAny } from './said-of-hosts.ts';
import { requireSameHost } from './same-host.ts';

/**
 * Chooses the sweep to continue: the newest under the same conditions, or a new one. @returns its
 * id
 */
export function chooseOrCreate(
  db: Db,
  experiment: Experiment,
  prepared: Prepared,
  fresh: boolean,
  report: Report,
): number {
  const { document } = experiment;
  const twins = document.trace.controls && isTraced(prepared) ? 2 : 1;
  const spec = {
    description: document.description,
    specFile: experiment.file,
    specText: experiment.text,
    plannedRuns: experiment.cells.length * twins * (document.trials.min + document.warmup),
    trials: document.trials,
    budgetMs: document.budget,
    expectations: document.expect,
    cells: experiment.cells,
  };
  const known = fresh ? undefined : sweepToContinue(db, document.name, prepared.identityAs);
  if (known === undefined) {
    const older = fresh ? undefined : listSweeps(db).find(({ name }) => name === document.name);
    if (older) {
      const conditions = differingConditions(db, older.id, experiment, prepared);
      report({ kind: 'differs', older: `${older.name}-${older.id}`, conditions });
    }
    const created = createSweep(db, { ...spec, ...newSweep(experiment, prepared) });
    setMissing(db, created, missingOnAny(prepared.hosts));
    setOptions(db, created, experiment.options);
    return created;
  }
  // Before the spec replaces the stored one: a refused sweep stays as it was. Of several hosts, each
  // is checked when it is its turn.
  if (experiment.hosts.length === 1) requireSameHost(db, known, firstHost(prepared));
  const { fresh: added, kept, orphaned: removed } = updateSweep(db, known, spec);
  setMissing(db, known, missingOnAny(prepared.hosts));
  const before = optionsOf(db, known);
  setOptions(db, known, experiment.options);
  if (!isDeepStrictEqual(before, experiment.options)) {
    report({ kind: 'other-options', before, now: experiment.options });
  }
  if (added.length + removed.length > 0) {
    const only = document.matrix.only !== undefined;
    report({ kind: 'spec-changed', only, added, kept, removed });
  }
  const sweep = `${document.name}-${known}`;
  const done = runsDone(db, known);
  const { planned_runs: planned, relative_ci: precision } = sweepById(db, known);
  if (done < planned || precision !== null) {
    report({ kind: 'continues', sweep, done, planned });
  }
  return known;
}

function newSweep({ document }: Experiment, prepared: Prepared) {
  const { bare, iterations, rusage } = document.benchmark;
  const { host, chosen, programs, request, scripts, traceProgram } = firstHost(prepared);
  return {
    name: document.name,
    identity: prepared.identityAs(document.name),
    seed: document.seed,
    runOrder: document.order,
    warmup: document.warmup,
    controls: document.trace.controls && isTraced(prepared),
    tracer: chosen?.tracer.name ?? 'none',
    traceProgram: traceProgram?.source ?? '',
    traceProgramSha256: traceProgram?.sha256 ?? '',
    instruments: request.instruments,
    // With several benchmarks, each host has its own paths (sweep_program).
    benchmarkPath: programs.get('')?.path ?? '',
    benchmarkSha256: programs.get('')?.sha256 ?? '',
    ...{ bare, iterations, rusage },
    startedAt: new Date(),
    pipeStates: pipeStateTable(host.machine.platform),
    scripts,
  };
}
