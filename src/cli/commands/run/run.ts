import { hostname } from 'node:os';
import { ExitCode, type ExitCodeValue, UserError } from '../../../errors.ts';
import type { Experiment } from '../../../experiment/read-experiment.ts';
import type { CsvOptions } from '../../../export/csv.ts';
import { writeTableFiles } from '../../../export/files.ts';
import { TABLE_FORMATS, type TableFormat } from '../../../export/formats.ts';
import { sweepTables } from '../../../export/tables.ts';
import type { WrittenFile } from '../../../export/written-files.ts';
import type { Host } from '../../../host/host.ts';
import { LOCAL_HOST } from '../../../host/host-name.ts';
import { requireTunable } from '../../../host/tune/tune.ts';
import { parseShard, type Shard } from '../../../plan/shards.ts';
import { runDocument } from '../../../report/json/documents.ts';
import { type SweepResults, sweepResults } from '../../../results/sweep-results.ts';
import type { Selection } from '../../../store/cell-data.ts';
import { guarded, openForWriting, requireDatabase, requireFilled } from '../../../store/open.ts';
import { runsDone, stateCounts, sweepById } from '../../../store/reader.ts';
import { runHistory } from '../../../store/run-history.ts';
import { storageError } from '../../../store/storage-errors.ts';
import { chooseOrCreate } from '../../../sweep/choose-or-create.ts';
import { divide, requireShard } from '../../../sweep/divide.ts';
import type { SweepEvent } from '../../../sweep/events.ts';
import { HostClaims, lockPort } from '../../../sweep/host-claims.ts';
import { requireShardMayMove } from '../../../sweep/moved-shard.ts';
import { type Prepared, prepare } from '../../../sweep/prepare.ts';
import type { Reach } from '../../../sweep/prepare-host.ts';
import { runSweep } from '../../../sweep/run-sweep.ts';
import { askedExperiment, type ExperimentArguments, printSpec } from '../../asked-experiment.ts';
import { knownWords } from '../../comma-list.ts';
import { countAndNoun } from '../../count-and-noun.ts';
import { doubtLines } from '../../doubt-lines.ts';
import { expectationLines } from '../../expectation-lines.ts';
import { InFlight } from '../../in-flight.ts';
import { requireMadeHere } from '../../made-here.ts';
import { databaseFile } from '../../options.ts';
import { Ownership } from '../../ownership.ts';
import { printJson } from '../../print-json.ts';
import { Progress } from '../../progress.ts';
import { finishing, onInterrupt } from '../../signals.ts';
import { summaryLines } from '../../summary-table.ts';
import { requireSweepFolder, sweepFolder } from '../../sweep-folder.ts';
import { narrate } from '../../sweep-narrator.ts';
import type { Terminal } from '../../terminal.ts';
import { printable } from '../../terminal-text.ts';
import { reachOf } from '../../ways-to-hosts.ts';

export interface RunArguments extends CsvOptions, Selection, ExperimentArguments {
  readonly results: string;
  readonly db: string | undefined;
  readonly fresh: boolean;
  readonly allowScripts: boolean;
  readonly onlyFailed: boolean;
  readonly tune: boolean;
  readonly wait: boolean;
  readonly shard: string | undefined;
  readonly format: readonly string[];
  /** Whether one JSON document is printed at the end, in place of the summary. */
  readonly json: boolean;
}

/** load -> plan -> execute -> store -> analyse -> export */
export async function run(args: RunArguments, terminal: Terminal): Promise<ExitCodeValue> {
  const formats = knownWords('format', args.format, TABLE_FORMATS);
  if (args.onlyFailed && args.fresh) {
    throw new UserError('--only-failed and --fresh exclude each other', {
      hint: 'a new sweep has no failed runs',
    });
  }
  const experiment = askedExperiment(args, terminal);
  if (args.printSpec) {
    printSpec(experiment, terminal);
    return ExitCode.ok;
  }
  const shard = args.shard === undefined ? undefined : parseShard(args.shard);
  if (shard) divide(experiment, shard.of);
  // A shard may go on on another node of the cluster, which requireShardMayMove checks.
  if (!args.fresh && !shard) requireMadeHere(databaseFile(args));
  if (args.onlyFailed) requireStored(databaseFile(args));
  const claims = claimsFor(experiment, args.wait, terminal);
  const reach = { ...reachOf(process.env), claim: (host: Host) => claims.claim(host) };
  const prepared = await prepare(experiment, { scripts: args.allowScripts }, reach);
  try {
    if (args.tune) for (const { host } of prepared.hosts) await requireTunable(host);
    return await runPrepared(
      { ...args, formats },
      { shard, experiment, prepared, reach, claims },
      terminal,
    );
  } finally {
    await prepared.close();
  }
}

/** Without stored runs none has failed, and no database is made to find that out. */
function requireStored(file: string): void {
  requireDatabase(file);
  guarded(file, () => requireFilled(file));
}

function claimsFor({ document }: Experiment, wait: boolean, terminal: Terminal): HostClaims {
  const user = process.getuid === undefined ? '' : ` of user ${process.getuid()}`;
  return new HostClaims({
    holder: `pid ${process.pid}${user} on ${hostname()}, sweep ${document.name}, since ${new Date().toISOString()}`,
    wait,
    port: lockPort(process.env),
    onWait: (host, holder) => {
      const there = host === LOCAL_HOST ? 'here' : `on ${host}`;
      terminal.talk(`waiting for the sweep that runs ${there}: ${printable(holder)}`);
    },
  });
}

interface Ready {
  readonly shard: Shard | undefined;
  readonly experiment: Experiment;
  readonly prepared: Prepared;
  readonly reach: Reach;
  readonly claims: HostClaims;
}

async function runPrepared(
  args: RunArguments & { readonly formats: readonly TableFormat[] },
  { shard, experiment, prepared, reach, claims }: Ready,
  terminal: Terminal,
): Promise<ExitCodeValue> {
  const owner = new Ownership(process.env, process.geteuid?.());
  owner.database(databaseFile(args));
  const database = openForWriting(databaseFile(args), {
    journal: shard ? 'for-other-machines' : 'here',
  });
  const { db } = database;
  const nowMs = () => performance.now();
  const progress = new Progress(terminal, nowMs, experiment.document.retry);
  const inFlight = new InFlight(nowMs);
  const report = (event: SweepEvent) => {
    if (event.kind === 'starts') inFlight.started(event.deadlineMs);
    if (event.kind === 'ended') inFlight.ended();
    // With several hosts this is not noted, because others may be making runs meanwhile.
    if (event.kind === 'hook' && event.host === undefined) inFlight.carriesOut(event.hook);
    if (event.kind === 'environment') inFlight.carriesOut(undefined);
    narrate(event, terminal, progress);
  };
  try {
    requireShard(db, databaseFile(args), shard);
    if (shard && !args.fresh) await requireShardMayMove(db, experiment, prepared);
    // This is one transaction, so that a refused folder leaves no sweep without runs behind.
    const choose = db.transaction(() => {
      const asked = { fresh: args.fresh, shard, onlyFailed: args.onlyFailed };
      const chosen = chooseOrCreate(db, experiment, prepared, asked, report);
      requireSweepFolder(args, db, sweepById(db, chosen));
      return chosen;
    });
    const sweepId = choose.immediate();
    const interrupted = await runSweep(database, sweepId, {
      experiment,
      prepared,
      reach,
      onlyFailed: args.onlyFailed,
      tune: args.tune,
      alone: lockPort(process.env) !== undefined,
      warningsOf: (host) => claims.warningsOf(host),
      report,
      listen: () =>
        onInterrupt(
          (message) => progress.say(message),
          () => finishing(inFlight.secondsLeft(), inFlight.hook()),
        ),
    });
    database.checkInPlace();
    const results = sweepResults(db, sweepById(db, sweepId), args);
    const written = await writeResults(results, args, owner, terminal);
    const exitCode = interrupted ? ExitCode.interrupted : successOf(results);
    if (args.json) {
      printJson(runDocument(databaseFile(args), results, { ...written, exitCode }), terminal);
    } else present(results, written, args, terminal);
    return exitCode;
  } catch (error) {
    throw storageError(databaseFile(args), error);
  } finally {
    database.close();
    owner.handBack();
  }
}

/** Returns the exit code of a sweep that nobody interrupted. */
function successOf({ db, sweep, judged }: SweepResults): ExitCodeValue {
  const fulfilled = judged.every(({ misses }) => misses.length === 0);
  const { failed } = runHistory(db, sweep.id);
  return failed.size === 0 && sweep.state === 'ended' && fulfilled
    ? ExitCode.ok
    : ExitCode.runsFailed;
}

interface Written {
  readonly folder: string;
  readonly files: readonly WrittenFile[];
}

/** Writes the tables into the sweep's folder. */
async function writeResults(
  results: SweepResults,
  args: RunArguments & { readonly formats: readonly TableFormat[] },
  owner: Ownership,
  terminal: Terminal,
): Promise<Written> {
  const { db, sweep, missing } = results;
  const folder = await sweepFolder(args, db, sweep, owner);
  const { files, warnings } = await writeTableFiles(folder, sweep, sweepTables(results), {
    ...args,
    missing,
  });
  for (const { path } of files) owner.file(path);
  for (const warning of warnings) terminal.talk(`warning: ${printable(warning)}`);
  return { folder, files };
}

/** Prints the summary of a sweep, and where its tables are. */
function present(
  results: SweepResults,
  { folder, files }: Written,
  args: RunArguments,
  terminal: Terminal,
): void {
  const { db, sweep, judged, doubts: all } = results;
  for (const line of summaryLines(results, terminal)) terminal.out(line);
  for (const line of expectationLines(judged)) terminal.out(line);
  // Notes about every machine of a kind were already shown when the first run began.
  const doubts = all.filter(({ about, note }) => about !== 'machine' || !note);
  for (const line of doubtLines(doubts, terminal)) terminal.out(line);
  const states = [...stateCounts(db, sweep.id)].map(([state, count]) => `${count} ${state}`);
  terminal.out(`\n${states.join(', ')}; sweep ${sweep.name}-${sweep.id} in ${databaseFile(args)}`);
  const done = runsDone(db, sweep.id);
  if (done < sweep.planned_runs) {
    terminal.out(`${done} of ${sweep.planned_runs} runs are done; \`run\` again goes on`);
  }
  terminal.out(`wrote ${folder}/:`);
  for (const { path, unit, count } of files) {
    terminal.out(`  ${path.slice(folder.length + 1).padEnd(24)} ${countAndNoun(count, unit)}`);
  }
}
