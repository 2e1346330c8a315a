import { sumUpDoubts } from '../../../analyse/doubts.ts';
import { ExitCode, type ExitCodeValue } from '../../../errors.ts';
import { optionLine } from '../../../experiment/given-options.ts';
import { LOCAL_HOST } from '../../../host/host-name.ts';
import { sweepResults } from '../../../results/sweep-results.ts';
import type { Selection } from '../../../store/cell-data.ts';
import { doubtRows } from '../../../store/doubt-rows.ts';
import { failedHooks } from '../../../store/hook-calls.ts';
import { hostProgress } from '../../../store/host-progress.ts';
import {
  allOrigins,
  originsWithMachines,
  type SweepOrigin,
  tellingNames,
} from '../../../store/merge/origins.ts';
import { type Db, openForReading } from '../../../store/open.ts';
import {
  chooseSweep,
  listSweeps,
  runsDone,
  type SweepRow,
  stateCounts,
} from '../../../store/reader.ts';
import { runRows } from '../../../store/run-rows.ts';
import { storageError } from '../../../store/storage-errors.ts';
import { optionsOf } from '../../../store/sweep-options.ts';
import { withCorrectedState } from '../../corrected-state.ts';
import { countAndNoun } from '../../count-and-noun.ts';
import { doubtLines } from '../../doubt-lines.ts';
import { expectationLines } from '../../expectation-lines.ts';
import { hostLines } from '../../host-lines.ts';
import { databaseFile } from '../../options.ts';
import { printJson } from '../../print-json.ts';
import { alignColumns } from '../../print-table.ts';
import { shardLines } from '../../shard-line.ts';
import { summaryLines } from '../../summary-table.ts';
import type { Terminal } from '../../terminal.ts';
import { printable } from '../../terminal-text.ts';
import { cut, wrapped } from '../../text-width.ts';

export interface StatusArguments extends Selection {
  readonly sweep: string | undefined;
  readonly results: string;
  readonly db: string | undefined;
  readonly json: boolean;
}

/** Lists the sweeps of a database, or shows one; works while a sweep runs. */
export async function status(args: StatusArguments, terminal: Terminal): Promise<ExitCodeValue> {
  const file = databaseFile(args);
  const db = openForReading(file);
  try {
    // A consistent snapshot, even if a sweep is running.
    db.exec('BEGIN');
    const stored = args.sweep === undefined ? listSweeps(db) : [chooseSweep(db, args.sweep)];
    const sweeps = withCorrectedState(file, stored);
    if (args.json) {
      const { fullSweep, listedSweep, statusDocument } = await import(
        '../../../report/json/documents.ts'
      );
      const shown = sweeps.map((sweep) =>
        args.sweep === undefined
          ? listedSweep(db, sweep)
          : fullSweep(sweepResults(db, sweep, args)),
      );
      printJson(statusDocument(file, shown), terminal);
    } else if (args.sweep === undefined) {
      for (const line of overview(db, sweeps)) terminal.out(line);
    } else {
      for (const sweep of sweeps) detail(db, sweep, args, terminal);
    }
    return ExitCode.ok;
  } catch (error) {
    throw storageError(file, error);
  } finally {
    db.close();
  }
}

/** The longest note in the list; `status SWEEP` shows all of it. */
const LONGEST_NOTE = 60;

function overview(db: Db, sweeps: readonly SweepRow[]): readonly string[] {
  if (sweeps.length === 0) return ['no sweep yet'];
  const divided = sweeps.some(({ shard }) => shard !== null);
  const originsOf = allOrigins(db);
  const nameOf = tellingNames(originsOf);
  const isMerged = sweeps.some(({ id }) => originsOf.has(id));
  const noted = sweeps.some(({ note }) => note !== '');
  const rows = sweeps.map((sweep) => {
    return [
      `${sweep.name}-${sweep.id}`,
      ...(divided ? [sweep.shard === null ? '' : `${sweep.shard}/${sweep.shards}`] : []),
      sweep.state,
      `${runsDone(db, sweep.id)}/${sweep.planned_runs}`,
      String(notGoodRuns(db, sweep)),
      String(sumUpDoubts(doubtRows(db, sweep.id)).filter(({ note }) => !note).length),
      sweep.tracer,
      sweep.started_at.slice(0, 19).replace('T', ' '),
      ...(isMerged ? [originWords(originsOf.get(sweep.id) ?? [], nameOf)] : []),
      ...(noted ? [cut(printable(sweep.note), LONGEST_NOTE)] : []),
    ];
  });
  const own = divided ? ['shard'] : [];
  const from = isMerged ? ['origin'] : [];
  const header = [
    ...['sweep', ...own, 'state', 'runs', 'not good', 'doubts', 'tracer', 'started (UTC)', ...from],
    ...(noted ? ['note'] : []),
  ];
  const numbers = ['runs', 'not good', 'doubts'];
  return alignColumns(
    header,
    rows,
    header.map((name) => (numbers.includes(name) ? 'right' : 'left')),
  );
}

/** The words that name the origin after @; a sweep that was joined has those of several. */
function originWords(
  origins: readonly SweepOrigin[],
  nameOf: (origin: SweepOrigin) => string,
): string {
  const words = origins.map(nameOf);
  const shown = words.slice(0, MOST_ORIGINS).join(', ');
  return words.length > MOST_ORIGINS ? `${shown} and ${words.length - MOST_ORIGINS} more` : shown;
}

/** The most origins in one line. */
const MOST_ORIGINS = 3;

/** The note about a sweep, in lines that fit; its own lines stay apart. */
function noteLines({ note }: SweepRow, { width }: Terminal): readonly string[] {
  if (note === '') return [];
  const before = 'note: ';
  const lines = note
    .split(/\r?\n/)
    .flatMap((line) => wrapped(printable(line), width - before.length));
  return lines.map((line, at) => (at === 0 ? before : ' '.repeat(before.length)) + line);
}

/** How many runs have no completed attempt. */
function notGoodRuns(db: Db, sweep: SweepRow): number {
  return [...stateCounts(db, sweep.id)].reduce(
    (sum, [state, count]) => sum + (state === 'completed' ? 0 : count),
    0,
  );
}

function detail(db: Db, sweep: SweepRow, args: Selection, terminal: Terminal): void {
  terminal.out(
    `sweep ${sweep.name}-${sweep.id}: ${sweep.state}, ${runsDone(db, sweep.id)} of ${sweep.planned_runs} runs, ${sweep.tracer}, started ${sweep.started_at || 'elsewhere'}`,
  );
  for (const line of shardLines(db, sweep)) terminal.out(line);
  for (const { file, originalId, machines } of originsWithMachines(db, sweep.id)) {
    const made = machines.length > 0 ? `, made on ${machines.join(', ')}` : '';
    terminal.out(`from ${file}, where it is sweep ${originalId}${made}`);
  }
  const options = optionsOf(db, sweep.id);
  if (options.length > 0) {
    for (const line of wrapped(`options: ${optionLine(options)}`, terminal.width, '  ')) {
      terminal.out(line);
    }
  }
  for (const line of noteLines(sweep, terminal)) terminal.out(line);
  for (const line of hostLines(hostProgress(db, sweep.id), sweep, terminal.width)) {
    terminal.out(line);
  }
  for (const { host, hook, failure, calls } of failedHooks(db, sweep.id)) {
    const times = calls === 1 ? '' : ` (${calls} times)`;
    const where = host === LOCAL_HOST ? '' : ` on ${host}`;
    for (const line of wrapped(
      `${hook}${where} has failed${times}: ${failure}`,
      terminal.width,
      '  ',
    )) {
      terminal.out(line);
    }
  }
  terminal.out('');
  const results = sweepResults(db, sweep, args);
  const { judged, doubts, advice } = results;
  for (const line of summaryLines(results, terminal)) terminal.out(line);
  for (const line of expectationLines(judged)) terminal.out(line);
  for (const line of doubtLines(doubts, terminal)) terminal.out(line);
  const advised = advice.map((text) => `advice: ${text}`);
  for (const line of advised.length > 0 ? ['', ...advised] : []) {
    for (const part of wrapped(line, terminal.width, '  ')) terminal.out(part);
  }
  const bad = [...runRows(db, sweep.id, 'bad')];
  if (bad.length === 0) return;
  // Attempts are listed; there are as many runs only if no run was tried again.
  const runs = notGoodRuns(db, sweep);
  const again = bad.length > runs;
  const count = again
    ? `${countAndNoun(bad.length, 'attempt')}; ${countAndNoun(runs, 'run')} without a completed one`
    : bad.length;
  terminal.out(`\nnot good (${count}):`);
  const rows = bad.map((row) => [
    String(row.run_id),
    `${row.cell}/${row.trial}`,
    ...(again ? [String(row.attempt)] : []),
    row.state,
    (row.reason ?? '').replace(/\s+/g, ' '),
  ]);
  const header = ['run', 'cell/trial', ...(again ? ['attempt'] : []), 'state', 'reason'];
  const sides = ['right', 'right', ...(again ? (['right'] as const) : []), 'left', 'left'] as const;
  for (const line of alignColumns(header, rows, sides)) {
    terminal.out(cut(line, terminal.width));
  }
}
