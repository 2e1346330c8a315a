import { RUNS } from '../../export/run-tables.ts';
import { tableOf, type Value } from '../../export/table.ts';
import { sweepTable } from '../../export/tables.ts';
import type { SweepResults } from '../../results/sweep-results.ts';
import { lastWords } from '../../store/provenance.ts';
import { runRows } from '../../store/run-rows.ts';
import { MISSING } from '../value-text.ts';
import { html, type Markup } from './markup.ts';
import { factList } from './section.ts';
import { type Column, tableView } from './view.ts';

/** The most runs and warnings that are listed one by one; the CSV files have all of them. */
const MOST_ROWS = 200;
/** The most runs for which the end of their output is shown. */
const MOST_WORDS = 20;

/** Every run that is not good, with its reason and the end of its output. */
export function runsWithProblems(report: SweepResults): Markup | undefined {
  const { db, sweep } = report;
  const runs = tableOf(RUNS, () => runRows(db, sweep.id, 'bad'), undefined);
  const bad = [...runs.rows()];
  const columns: readonly Column[] = [
    { label: 'run', from: ['run_id'] },
    { label: 'cell', from: ['cell'] },
    { label: 'trial', from: ['trial'] },
    { label: 'buffer', from: ['buffer_bytes'] },
    { label: 'total', from: ['total_bytes'] },
    { label: 'traced', from: ['traced'] },
    { label: 'state', from: ['state'] },
    { label: 'reason', from: ['reason'], prose: true },
    { label: 'exit', from: ['exit_code', 'signal'], show: ended },
  ];
  const shown = { ...runs, rows: () => bad.slice(0, MOST_ROWS) };
  const table = tableView(shown, columns, 'Runs that are not good');
  if (!table) return undefined;
  const said = [...lastWords(db, sweep.id)];
  return html`${table}${more(bad.length - MOST_ROWS, 'runs.csv')}${
    said.length > 0 &&
    html`<h3>What they said last</h3>
${factList(
  said
    .slice(0, MOST_WORDS)
    .map(([run, text]) => [`run ${run}`, html`<pre>${text.trimEnd()}</pre>`] as const),
  { single: true },
)}${more(said.length - MOST_WORDS, 'the database (run.stderr_tail)')}`
  }`;
}

function ended(exitCode: Value, signal: Value): string {
  return signal === null ? String(exitCode ?? MISSING) : String(signal);
}

/** Anomalies found by the tracer or the checks, including those in good runs. */
export function runWarnings(report: SweepResults): Markup | undefined {
  const warnings = sweepTable(report, 'warnings');
  const rows: (readonly Value[])[] = [];
  let count = 0;
  for (const row of warnings.rows()) {
    if (++count <= MOST_ROWS) rows.push(row);
  }
  const columns: readonly Column[] = [
    { label: 'run', from: ['run_id'] },
    { label: 'buffer', from: ['buffer_bytes'] },
    { label: 'code', from: ['code'] },
    { label: 'makes it suspect', from: ['suspect'] },
    { label: 'what it means', from: ['message'], prose: true },
  ];
  const shown = { ...warnings, rows: () => rows };
  const table = tableView(shown, columns, 'Warnings about runs');
  return table && html`${table}${more(count - MOST_ROWS, 'warnings.csv')}`;
}

function more(count: number, place: string): Markup | undefined {
  return count > 0 ? html`<p>And ${count} more in ${place}.</p>\n` : undefined;
}
