import { isDeepStrictEqual } from 'node:util';
import type { Experiment } from '../experiment/read-experiment.ts';
import type { Shard } from '../plan/shards.ts';
import { allOrigins } from '../store/merge/origins.ts';
import { setMissing } from '../store/missing.ts';
import type { Db } from '../store/open.ts';
import { listSweeps, runsDone, sweepById } from '../store/reader.ts';
import { optionsOf, setOptions } from '../store/sweep-options.ts';
import { cellsElsewhere, divideSweep } from '../store/sweep-shards.ts';
import { createSweep, sweepToContinue, updateSweep } from '../store/sweep-writer.ts';
import { pipeStateTable } from '../trace/pipe-state-bits.ts';
import { differingConditions } from './differing-conditions.ts';
import { divide, requireSameCells } from './divide.ts';
import type { Report } from './events.ts';
import { firstHost, isTraced, type Prepared } from './prepare.ts';
import { missingOnAny } from './said-of-hosts.ts';
import { requireSameHost } from './same-host.ts';

/**
 * Chooses the sweep to continue: the newest under the same conditions, or a new one.
 * @param asked `fresh`: always a new one; `shard`: the part of it that is made in this database
 * @returns its id
 * @throws UserError when the spec cannot be divided so
 */
export function chooseOrCreate(
  db: Db,
  experiment: Experiment,
  prepared: Prepared,
  { fresh, shard }: { readonly fresh: boolean; readonly shard: Shard | undefined },
  report: Report,
): number {
  const { document, cells } = experiment;
  const twins = document.trace.controls && isTraced(prepared) ? 2 : 1;
  const runsOf = (ownCells: number) => ownCells * twins * (document.trials.min + document.warmup);
  const spec = {
    description: document.description,
    specFile: experiment.file,
    specText: experiment.text,
    trials: document.trials,
    budgetMs: document.budget,
    expectations: document.expect,
    cells,
  };
  const known = fresh ? undefined : sweepToContinue(db, document.name, prepared.identityAs);
  if (known === undefined) {
    if (!fresh) reportOlder(db, experiment, prepared, report);
    const shardOf = shard && divide(experiment, shard.of);
    const own = cells.filter((_, at) => shardOf === undefined || shardOf[at] === shard?.number);
    const create = db.transaction(() => {
      const created = createSweep(db, {
        ...spec,
        ...{ plannedRuns: runsOf(own.length), ...newSweep(experiment, prepared) },
      });
      if (shard && shardOf) divideSweep(db, created, shard, shardOf);
      setMissing(db, created, missingOnAny(prepared.hosts));
      setOptions(db, created, experiment.options);
      return created;
    });
    return create();
  }
  // Before the spec replaces the stored one: a refused sweep stays as it was. Of several hosts, each
  // is checked when it is its turn; whether a shard may go on here was checked before.
  if (shard) requireSameCells(db, known, experiment);
  else if (experiment.hosts.length === 1) requireSameHost(db, known, firstHost(prepared));
  const before = optionsOf(db, known);
  const update = db.transaction(() => {
    // A shard keeps the cells that it was given, also where they would be divided otherwise now.
    const plannedRuns = runsOf(cells.length - cellsElsewhere(db, known).size);
    const changes = updateSweep(db, known, { ...spec, plannedRuns });
    setMissing(db, known, missingOnAny(prepared.hosts));
    setOptions(db, known, experiment.options);
    return changes;
  });
  const { fresh: added, kept, orphaned: removed } = update.immediate();
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

/** Reports why no sweep of this name is continued, if there is one. */
function reportOlder(db: Db, experiment: Experiment, prepared: Prepared, report: Report): void {
  const origins = allOrigins(db);
  const named = listSweeps(db).filter(({ name }) => name === experiment.document.name);
  const own = named.find(({ id }) => !origins.has(id));
  const older = own ?? named[0];
  if (older === undefined) return;
  const sweep = `${older.name}-${older.id}`;
  if (own === undefined) report({ kind: 'merged', older: sweep });
  else {
    const conditions = differingConditions(db, own.id, experiment, prepared);
    report({ kind: 'differs', older: sweep, conditions });
  }
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
