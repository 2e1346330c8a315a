import { join } from 'node:path';
import { sumUpDoubts } from '../../analyse/doubts.ts';
import { ExitCode, type ExitCodeValue } from '../../errors.ts';
import { type Experiment, loadExperiment } from '../../experiment/load.ts';
import type { CsvOptions } from '../../export/csv.ts';
import { FORMATS, type Format, writeFiles } from '../../export/files.ts';
import { judgements } from '../../export/judgements.ts';
import { cellSummaries } from '../../export/summary-tables.ts';
import { sweepTables } from '../../export/tables.ts';
import { THIS_MACHINE } from '../../host/machine/sources.ts';
import type { Setting } from '../../host/tune/settings.ts';
import { requireTunable } from '../../host/tune/tune.ts';
import type { Selection } from '../../store/cell-data.ts';
import { doubtRows } from '../../store/doubt-rows.ts';
import { missingOf } from '../../store/missing.ts';
import { type Db, openForWriting } from '../../store/open.ts';
import { chooseSweep, runsDone, stateCounts } from '../../store/reader.ts';
import { runHistory } from '../../store/run-history.ts';
import { storageError } from '../../store/storage-errors.ts';
import { chooseOrCreate } from '../../sweep/choose-or-create.ts';
import { type Claim, claimHost, lockPort } from '../../sweep/claim.ts';
import type { SweepEvent } from '../../sweep/events.ts';
import { type Prepared, prepare } from '../../sweep/prepare.ts';
import { runSweep } from '../../sweep/run-sweep.ts';
import { counted } from '../counted.ts';
import { doubtLines } from '../doubt-lines.ts';
import { expectationLines } from '../expectation-lines.ts';
import { listed } from '../listed.ts';
import { databaseFile } from '../options.ts';
import { Ownership } from '../ownership.ts';
import { Progress } from '../progress.ts';
import { onInterrupt } from '../signals.ts';
import { summaryLines } from '../summary-table.ts';
import { narrate } from '../sweep-narrator.ts';
import { printable, type Terminal } from '../terminal.ts';

export interface RunArguments extends CsvOptions, Selection {
  readonly spec: string;
  readonly results: string;
  readonly db: string | undefined;
  readonly allowLarge: boolean;
  readonly fresh: boolean;
  readonly allowScripts: boolean;
  readonly onlyFailed: boolean;
  readonly tune: boolean;
  readonly wait: boolean;
  readonly format: readonly string[];
}

/** load -> plan -> execute -> store -> analyse -> export */
export async function run(args: RunArguments, terminal: Terminal): Promise<ExitCodeValue> {
  const formats = listed('format', args.format, FORMATS);
  const experiment = loadExperiment(args.spec, { allowLarge: args.allowLarge });
  const prepared = await prepare(experiment, { scripts: args.allowScripts });
  const tuning = args.tune ? await requireTunable(THIS_MACHINE, process.geteuid?.()) : [];
  const port = lockPort(process.env);
  const claim = await claimHost({
    ...{ name: experiment.document.name, wait: args.wait, port, now: new Date() },
    onWait: (holder) => terminal.talk(`waiting for the sweep that runs here: ${printable(holder)}`),
  });
  try {
    return await runClaimed(args, { experiment, prepared, tuning, formats, claim }, terminal);
  } finally {
    claim.release();
  }
}

interface Ready {
  readonly experiment: Experiment;
  readonly prepared: Prepared;
  readonly tuning: readonly Setting[];
  readonly formats: readonly Format[];
  readonly claim: Claim;
}

/** Runs it on a machine that is ours. */
async function runClaimed(
  args: RunArguments,
  { experiment, prepared, tuning, formats, claim }: Ready,
  terminal: Terminal,
): Promise<ExitCodeValue> {
  const owner = new Ownership(process.env, process.geteuid?.());
  owner.database(databaseFile(args));
  const database = openForWriting(databaseFile(args));
  const { db } = database;
  const progress = new Progress(terminal, () => performance.now());
  const report = (event: SweepEvent) => narrate(event, terminal, progress);
  try {
    const sweepId = chooseOrCreate(db, experiment, prepared, args.fresh, report);
    const interrupted = await runSweep(database, sweepId, {
      experiment,
      prepared,
      onlyFailed: args.onlyFailed,
      tuning,
      alone: lockPort(process.env) !== undefined,
      hostWarnings: claim.warnings,
      report,
      listen: () => onInterrupt((message) => progress.say(message)),
    });
    database.checkInPlace();
    const fulfilled = await present(db, sweepId, { ...args, formats }, owner, terminal);
    if (interrupted) return ExitCode.interrupted;
    const { failed } = runHistory(db, sweepId);
    const { state } = chooseSweep(db, String(sweepId));
    return failed.size === 0 && state === 'ended' && fulfilled ? ExitCode.ok : ExitCode.runsFailed;
  } catch (error) {
    throw storageError(databaseFile(args), error);
  } finally {
    database.close();
    owner.handBack();
  }
}

/** @returns whether all that the spec expects is fulfilled */
async function present(
  db: Db,
  sweepId: number,
  args: RunArguments & { readonly formats: readonly Format[] },
  owner: Ownership,
  terminal: Terminal,
): Promise<boolean> {
  const sweep = chooseSweep(db, String(sweepId));
  const folder = join(args.results, `${sweep.name}-${sweep.id}`);
  owner.folder(folder);
  const summaries = cellSummaries(db, sweep, args);
  const judged = judgements(db, sweep, args, summaries);
  const tables = sweepTables(db, sweep, args, summaries, judged);
  const { files, warnings } = await writeFiles(folder, sweep, tables, {
    ...args,
    missing: missingOf(db, sweep.id),
  });
  for (const line of summaryLines(db, sweep, args, terminal, summaries)) terminal.out(line);
  for (const line of expectationLines(judged)) terminal.out(line);
  // What is against the machine was said when the first run began.
  const doubts = sumUpDoubts(doubtRows(db, sweepId)).filter(({ about }) => about !== 'machine');
  for (const line of doubtLines(doubts, terminal)) terminal.out(line);
  const states = [...stateCounts(db, sweepId)].map(([state, count]) => `${count} ${state}`);
  terminal.out(`\n${states.join(', ')}; sweep ${sweep.name}-${sweep.id} in ${databaseFile(args)}`);
  const done = runsDone(db, sweepId);
  if (done < sweep.planned_runs) {
    terminal.out(`${done} of ${sweep.planned_runs} runs are done; \`run\` again goes on`);
  }
  terminal.out(`wrote ${folder}/:`);
  for (const { path, unit, count } of files) {
    owner.file(path);
    terminal.out(`  ${path.slice(folder.length + 1).padEnd(24)} ${counted(count, unit)}`);
  }
  for (const warning of warnings) terminal.talk(`warning: ${warning}`);
  return judged.every(({ misses }) => misses.length === 0);
}
