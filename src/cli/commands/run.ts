import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Argv } from 'yargs';
import { ExitCode, type ExitCodeValue } from '../../errors.ts';
import { benchmarkFacts, captureEnvironment } from '../../execute/environment.ts';
import { runAll } from '../../execute/runner.ts';
import { type CsvOptions, writeCsv } from '../../export/csv.ts';
import { sweepTables } from '../../export/tables.ts';
import { estimateRuns, makePlan, runDeadlineMs } from '../../plan/plan.ts';
import { startGuard } from '../../process/guard.ts';
import { removeStaleScratch } from '../../process/scratch.ts';
import { formatSeconds } from '../../spec/durations.ts';
import { type Experiment, loadExperiment } from '../../spec/load.ts';
import { type Db, openForWriting } from '../../store/open.ts';
import { chooseSweep, runsDone, type Selection, stateCounts } from '../../store/reader.ts';
import { runWriter } from '../../store/run-writer.ts';
import {
  createSweep,
  doneRuns,
  findSweep,
  markSweep,
  recordEnvironment,
  type SweepState,
} from '../../store/sweep-writer.ts';
import { pipeStateTable } from '../../trace/pipe-state-bits.ts';
import { databaseFile, withCsv, withDatabase, withSelection, withSpec } from '../options.ts';
import { cacheDirectory, type Prepared, prepare } from '../prepare.ts';
import { Progress } from '../progress.ts';
import { onInterrupt } from '../signals.ts';
import { summaryLines } from '../summary-table.ts';
import type { Terminal } from '../terminal.ts';

export interface RunArguments extends CsvOptions, Selection {
  readonly spec: string;
  readonly results: string;
  readonly db: string | undefined;
  readonly allowLarge: boolean;
  readonly fresh: boolean;
  readonly allowScripts: boolean;
}

export const runOptions = (yargs: Argv) =>
  withSelection(withCsv(withDatabase(withSpec(yargs))))
    .option('fresh', {
      type: 'boolean',
      default: false,
      describe: 'Start a new sweep instead of continuing the last one',
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
  const db = openForWriting(databaseFile(args));
  try {
    const sweepId = continued(db, experiment, prepared, args.fresh, terminal);
    const interrupted = await execute(db, sweepId, experiment, prepared, terminal);
    await present(db, sweepId, args, terminal);
    if (interrupted) return ExitCode.interrupted;
    const states = stateCounts(db, sweepId);
    return [...states.keys()].every((state) => state === 'completed')
      ? ExitCode.ok
      : ExitCode.runsFailed;
  } finally {
    db.close();
  }
}

/** The sweep to go on with: the newest of the same identity, or a new one. */
function continued(
  db: Db,
  experiment: Experiment,
  prepared: Prepared,
  fresh: boolean,
  terminal: Terminal,
): number {
  const { document } = experiment;
  const known = fresh ? undefined : findSweep(db, prepared.identity);
  if (known !== undefined) {
    const done = runsDone(db, known);
    const { planned_runs: planned } = chooseSweep(db, String(known));
    terminal.talk(
      done < planned
        ? `continuing sweep ${document.name}-${known}: ${done} of ${planned} runs are done`
        : `sweep ${document.name}-${known} is complete (${planned} runs); --fresh starts a new one`,
    );
    return known;
  }
  return createSweep(db, {
    name: document.name,
    description: document.description,
    identity: prepared.identity,
    specFile: experiment.file,
    specText: experiment.text,
    seed: document.seed,
    runOrder: document.order,
    plannedRuns: experiment.cells.length * (document.trials + document.warmup),
    tracer: prepared.chosen?.tracer.name ?? 'none',
    traceProgram: prepared.traceProgram?.source ?? '',
    traceProgramSha256: prepared.traceProgram?.sha256 ?? '',
    instruments: prepared.request.instruments,
    benchmarkPath: prepared.program.path,
    benchmarkSha256: prepared.program.sha256,
    ...document.benchmark,
    startedAt: new Date(),
    cells: experiment.cells,
    pipeStates: pipeStateTable(process.platform),
    scripts: prepared.scripts.map((script) => ({
      ...script,
      name: basename(script.path),
      text: readFileSync(script.path, 'utf8'),
    })),
  });
}

/** @returns whether the user ended it */
async function execute(
  db: Db,
  sweepId: number,
  experiment: Experiment,
  prepared: Prepared,
  terminal: Terminal,
): Promise<boolean> {
  const { document } = experiment;
  const { chosen, program } = prepared;
  const plan = makePlan(experiment.cells, document, {
    traced: chosen !== undefined || prepared.scripts.length > 0,
    done: doneRuns(db, sweepId),
  });
  if (plan.left.length === 0) return false;
  markSweep(db, sweepId, 'running', new Date());
  terminal.talk(
    `${plan.left.length} runs of ${experiment.cells.length} cells, ${
      chosen ? `traced by ${chosen.tracer.name} ${chosen.version}` : 'untraced'
    }, about ${formatSeconds(estimateRuns(plan.left, plan.options))}`,
  );
  if (prepared.unavailable.length > 0) {
    terminal.talk(
      `not available with ${chosen?.tracer.name} here: ${prepared.unavailable.join(', ')}`,
    );
  }
  const progress = new Progress(terminal, plan.left.length, Date.now);
  const interrupt = onInterrupt((message) => progress.say(message));
  removeStaleScratch();
  const guard = await startGuard(cacheDirectory(process.env));
  let state: SweepState = 'stopped';
  try {
    const environment = captureEnvironment(new Date(), chosen?.version ?? '');
    const facts = await benchmarkFacts(program.path, { guard, abort: interrupt.abort });
    const store = runWriter(db, sweepId, recordEnvironment(db, sweepId, environment, facts));
    await runAll(plan.left, {
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
        progress.ended(result);
      },
    });
    state = interrupt.requested() ? 'interrupted' : 'ended';
  } finally {
    progress.finish();
    interrupt.dispose();
    await guard.close();
    markSweep(db, sweepId, state, new Date());
  }
  return interrupt.requested();
}

async function present(
  db: Db,
  sweepId: number,
  args: RunArguments,
  terminal: Terminal,
): Promise<void> {
  const sweep = chooseSweep(db, String(sweepId));
  const folder = join(args.results, `${sweep.name}-${sweep.id}`);
  const files = await writeCsv(folder, sweepTables(db, sweep, args), args);
  for (const line of summaryLines(db, sweep, args)) terminal.out(line);
  const states = [...stateCounts(db, sweepId)].map(([state, count]) => `${count} ${state}`);
  terminal.out(`\n${states.join(', ')}; sweep ${sweep.name}-${sweep.id} in ${databaseFile(args)}`);
  terminal.out(`wrote ${folder}/:`);
  for (const { path, rows } of files) {
    terminal.out(`  ${path.slice(folder.length + 1).padEnd(22)} ${rows} rows`);
  }
}
