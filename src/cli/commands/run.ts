import { join } from 'node:path';
import type { Argv } from 'yargs';
import { ExitCode, type ExitCodeValue } from '../../errors.ts';
import { THIS_MACHINE } from '../../execute/machine/sources.ts';
import { runAll } from '../../execute/runner.ts';
import type { Setting } from '../../execute/tune/settings.ts';
import { requireTunable, type Tuned, tune } from '../../execute/tune/tune.ts';
import { type CsvOptions, writeCsv } from '../../export/csv.ts';
import { sweepTables } from '../../export/tables.ts';
import { runKey } from '../../plan/identity.ts';
import { estimateRuns, makePlan, runDeadlineMs } from '../../plan/plan.ts';
import { startGuard } from '../../process/guard.ts';
import { removeStaleScratch } from '../../process/scratch.ts';
import { formatSeconds } from '../../spec/durations.ts';
import { type Experiment, loadExperiment } from '../../spec/load.ts';
import type { Selection } from '../../store/cell-data.ts';
import { type Db, openForWriting, type WritableDb } from '../../store/open.ts';
import { chooseSweep, runsDone, stateCounts } from '../../store/reader.ts';
import { runWriter } from '../../store/run-writer.ts';
import { storageError } from '../../store/storage-errors.ts';
import { markSweep, runHistory, type SweepState } from '../../store/sweep-writer.ts';
import { databaseFile, withCsv, withDatabase, withSelection, withSpec } from '../options.ts';
import { Ownership } from '../ownership.ts';
import { cacheDirectory, type Prepared, prepare } from '../prepare.ts';
import { Progress } from '../progress.ts';
import { recordSession } from '../session-environment.ts';
import { onInterrupt } from '../signals.ts';
import { summaryLines } from '../summary-table.ts';
import { chooseOrCreate } from '../sweep-choice.ts';
import type { Terminal } from '../terminal.ts';
import { settle } from '../tuning.ts';

export interface RunArguments extends CsvOptions, Selection {
  readonly spec: string;
  readonly results: string;
  readonly db: string | undefined;
  readonly allowLarge: boolean;
  readonly fresh: boolean;
  readonly allowScripts: boolean;
  readonly onlyFailed: boolean;
  readonly tune: boolean;
}

export const runOptions = (yargs: Argv) =>
  withSelection(withCsv(withDatabase(withSpec(yargs))))
    .option('fresh', {
      type: 'boolean',
      default: false,
      describe: 'Start a new sweep instead of continuing the last one',
    })
    .option('only-failed', {
      type: 'boolean',
      default: false,
      describe: 'Repeat the runs that did not succeed, and no others',
    })
    .option('tune', {
      type: 'boolean',
      default: false,
      describe:
        'As root: fix the clock (governor, turbo) for the sweep, and put it back at its end',
    })
    .option('allow-scripts', {
      type: 'boolean',
      default: false,
      describe: "Run tracing scripts from outside the spec's folder",
    });

/** load -> plan -> execute -> store -> analyse -> export */
export async function run(args: RunArguments, terminal: Terminal): Promise<ExitCodeValue> {
  const experiment = loadExperiment(args.spec, { allowLarge: args.allowLarge });
  const prepared = await prepare(experiment, { scripts: args.allowScripts });
  const tuning = args.tune ? await requireTunable(THIS_MACHINE, process.geteuid?.()) : [];
  const owner = new Ownership(process.env, process.geteuid?.());
  owner.database(databaseFile(args));
  const database = openForWriting(databaseFile(args));
  const { db } = database;
  try {
    const sweepId = chooseOrCreate(db, experiment, prepared, args.fresh, terminal);
    const interrupted = await execute(
      database,
      sweepId,
      experiment,
      prepared,
      args.onlyFailed,
      tuning,
      terminal,
    );
    database.checkInPlace();
    await present(db, sweepId, args, owner, terminal);
    if (interrupted) return ExitCode.interrupted;
    const { ended, failed } = runHistory(db, sweepId);
    const { planned_runs: planned } = chooseSweep(db, String(sweepId));
    return failed.size === 0 && ended.size >= planned ? ExitCode.ok : ExitCode.runsFailed;
  } catch (error) {
    throw storageError(databaseFile(args), error);
  } finally {
    database.close();
    owner.handBack();
  }
}

/** @returns whether the user ended it */
async function execute(
  { db, checkInPlace }: WritableDb,
  sweepId: number,
  experiment: Experiment,
  prepared: Prepared,
  onlyFailed: boolean,
  tuning: readonly Setting[],
  terminal: Terminal,
): Promise<boolean> {
  const { document } = experiment;
  const { chosen, program } = prepared;
  const history = runHistory(db, sweepId);
  const plan = makePlan(experiment.cells, document, {
    traced: chosen !== undefined || prepared.scripts.length > 0,
    done: history.ended,
  });
  const runs = onlyFailed
    ? plan.runs.filter((planned) => history.failed.has(runKey(planned)))
    : plan.left;
  if (runs.length === 0) {
    if (onlyFailed) terminal.talk('no run has failed');
    const { state: before } = chooseSweep(db, String(sweepId));
    // Fewer runs may be asked for now than when it was interrupted.
    const after = plan.left.length === 0 ? 'ended' : before === 'running' ? 'stopped' : before;
    if (after !== before) markSweep(db, sweepId, after, new Date());
    return false;
  }
  terminal.talk(
    `${runs.length} runs of ${experiment.cells.length} cells, ${
      chosen ? `traced by ${chosen.tracer.name} ${chosen.version}` : 'untraced'
    }, about ${formatSeconds(estimateRuns(runs, plan.options))}`,
  );
  if (prepared.unavailable.length > 0) {
    terminal.talk(
      `not available with ${chosen?.tracer.name} here: ${prepared.unavailable.join(', ')}`,
    );
  }
  const progress = new Progress(terminal, runs.length, Date.now);
  const interrupt = onInterrupt((message) => progress.say(message));
  removeStaleScratch();
  const guard = await startGuard(cacheDirectory(process.env));
  markSweep(db, sweepId, 'running', new Date());
  let state: SweepState = 'stopped';
  let tuned: Tuned | undefined;
  let environmentId: number | undefined;
  try {
    if (tuning.length > 0) tuned = await tune(tuning, THIS_MACHINE, guard);
    const session = {
      specFile: experiment.file,
      benchmarkPath: program.path,
      tracerVersion: chosen?.version ?? '',
      tuned: tuned?.facts ?? new Map(),
      ...{ guard, abort: interrupt.abort },
    };
    environmentId = await recordSession(db, sweepId, session, (line) => progress.say(line));
    const store = runWriter(db, sweepId, environmentId);
    const end = await runAll(runs, {
      attemptsBefore: (planned) => history.attempts.get(runKey(planned)) ?? 0,
      maxFailures: document.max_failures,
      guard,
      program,
      options: plan.options,
      tracer: chosen?.tracer,
      request: prepared.request,
      cacheDir: cacheDirectory(process.env),
      scripts: prepared.scripts,
      // A FreeBSD consumer that ends can take system-call probes away from one that goes on.
      attachPerRun:
        document.trace.attach === 'per-run' ||
        (prepared.scripts.length > 0 && process.platform === 'freebsd'),
      deadlineMs: ({ cell }) => runDeadlineMs(cell, plan.options, document.timeout),
      abort: interrupt.abort,
      stopping: interrupt.requested,
      onStart: (planned) => progress.starting(planned),
      onResult: (result) => {
        store(result);
        checkInPlace();
        progress.ended(result);
      },
    });
    const complete = runHistory(db, sweepId).ended.size >= plan.runs.length;
    state = complete ? 'ended' : end === 'stopped' ? 'interrupted' : 'stopped';
    if (end === 'hopeless') {
      progress.say(
        `given up: ${document.max_failures} runs in a row did not succeed (max_failures); \`ipc-sweep status ${document.name}-${sweepId}\` lists them`,
      );
    }
  } finally {
    progress.finish();
    interrupt.dispose();
    if (tuned) await settle(tuned, guard, db, environmentId, terminal);
    else await guard.close();
    markSweep(db, sweepId, state, new Date());
  }
  return interrupt.requested();
}

async function present(
  db: Db,
  sweepId: number,
  args: RunArguments,
  owner: Ownership,
  terminal: Terminal,
): Promise<void> {
  const sweep = chooseSweep(db, String(sweepId));
  const folder = join(args.results, `${sweep.name}-${sweep.id}`);
  owner.folder(folder);
  const files = await writeCsv(folder, sweepTables(db, sweep, args), args);
  for (const line of summaryLines(db, sweep, args)) terminal.out(line);
  const states = [...stateCounts(db, sweepId)].map(([state, count]) => `${count} ${state}`);
  terminal.out(`\n${states.join(', ')}; sweep ${sweep.name}-${sweep.id} in ${databaseFile(args)}`);
  const done = runsDone(db, sweepId);
  if (done < sweep.planned_runs) {
    terminal.out(`${done} of ${sweep.planned_runs} runs are done; \`run\` again goes on`);
  }
  terminal.out(`wrote ${folder}/:`);
  for (const { path, rows } of files) {
    owner.file(path);
    terminal.out(`  ${path.slice(folder.length + 1).padEnd(24)} ${rows} rows`);
  }
}
