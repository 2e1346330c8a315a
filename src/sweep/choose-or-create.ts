import { isDeepStrictEqual } from 'node:util';
import { UserError } from '../errors.ts';
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
import { reasonOf } from '../trace/user-scripts/riding/placement.ts';
import { differingConditions } from './differing-conditions.ts';
import { divide, requireSameCells } from './divide.ts';
import type { Report } from './events.ts';
import { missingOnAny } from './notes-of-hosts.ts';
import { firstHost, isTraced, type Prepared } from './prepare.ts';
import { requireSameHost } from './same-host.ts';

export interface AskedSweep {
  readonly fresh: boolean;
  readonly shard: Shard | undefined;
  readonly onlyFailed: boolean;
}

/**
 * Chooses the sweep to continue: the newest under the same conditions, or a new one.
 * @param asked `fresh`: always a new one; `shard`: the part of it that is made in this database;
 *     `onlyFailed`: never a new one, because it has no failed runs
 * @returns its id
 * @throws UserError when the spec cannot be divided so, or `onlyFailed` finds no sweep to continue
 */
export function chooseOrCreate(
  db: Db,
  experiment: Experiment,
  prepared: Prepared,
  { fresh, shard, onlyFailed }: AskedSweep,
  report: Report,
): number {
  const { document, cells } = experiment;
  const runsPerTrial = document.trace.controls && isTraced(prepared) ? 2 : 1;
  const runsOf = (ownCells: number) =>
    ownCells * runsPerTrial * (document.trials.min + document.warmup);
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
    if (onlyFailed) throw nothingToRepeat(db, experiment, prepared);
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
  // This comes before the spec replaces the stored one, so that a refused sweep stays as it was. Of
  // several hosts, each is checked when its turn comes; whether a shard may go on here was checked
  // before.
  if (shard) requireSameCells(db, known, experiment);
  else if (experiment.hosts.length === 1) requireSameHost(db, known, firstHost(prepared));
  const before = optionsOf(db, known);
  const update = db.transaction(() => {
    // A shard keeps the cells that it was given, even if they would be divided otherwise now.
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

interface OlderSweep {
  readonly id: number;
  /** Its name and id, for a message. */
  readonly shown: string;
  readonly isMerged: boolean;
}

/** The newest sweep of this name, which cannot be continued. Merged ones come last. */
function olderSweep(db: Db, { document }: Experiment): OlderSweep | undefined {
  const origins = allOrigins(db);
  const named = listSweeps(db).filter(({ name }) => name === document.name);
  const own = named.find(({ id }) => !origins.has(id));
  const older = own ?? named[0];
  if (older === undefined) return undefined;
  return { id: older.id, shown: `${older.name}-${older.id}`, isMerged: own === undefined };
}

/** Reports why no sweep of this name is continued, if there is one. */
function reportOlder(db: Db, experiment: Experiment, prepared: Prepared, report: Report): void {
  const older = olderSweep(db, experiment);
  if (older === undefined) return;
  if (older.isMerged) report({ kind: 'merged', older: older.shown });
  else {
    const conditions = differingConditions(db, older.id, experiment, prepared);
    report({ kind: 'differs', older: older.shown, conditions });
  }
}

function nothingToRepeat(db: Db, experiment: Experiment, prepared: Prepared): UserError {
  const { name } = experiment.document;
  const older = olderSweep(db, experiment);
  if (older === undefined) {
    return new UserError(`--only-failed: ${db.name} has no sweep ${name} whose runs have failed`, {
      hint: 'leave --only-failed out to make its runs, or name another database with --db',
    });
  }
  if (older.isMerged) {
    return new UserError(
      `--only-failed: sweep ${older.shown} was merged, and its runs are repeated in the database where it was made`,
      { hint: 'name that database with --db' },
    );
  }
  const differing = differingConditions(db, older.id, experiment, prepared).join(', ');
  return new UserError(
    `--only-failed: sweep ${older.shown} was made under other conditions, and a new sweep has no failed runs`,
    {
      hint: `put the old conditions back, or leave --only-failed out${differing && `; what differs: ${differing}`}`,
    },
  );
}

function newSweep({ document }: Experiment, prepared: Prepared) {
  const { bare, iterations, rusage, counters = '' } = document.benchmark;
  const { host, chosen, programs, request, placed, traceProgram } = firstHost(prepared);
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
    ...{ bare, iterations, rusage, counters },
    startedAt: new Date(),
    pipeStates: pipeStateTable(host.machine.platform),
    scripts: placed.map((it) => ({
      ...it.script,
      ...{ attached: it.attached, attachedBecause: reasonOf(it) },
    })),
  };
}
