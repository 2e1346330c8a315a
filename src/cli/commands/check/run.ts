import { existsSync, lstatSync } from 'node:fs';
import type { VerdictState } from '../../../analyse/expectation-verdict.ts';
import { ExitCode, type ExitCodeValue, UserError } from '../../../errors.ts';
import { cellName } from '../../../experiment/cell-name.ts';
import { loadExperiment } from '../../../experiment/read-experiment.ts';
import { type CheckRow, checkTable } from '../../../export/check-table.ts';
import { type CsvOptions, csvParts } from '../../../export/csv.ts';
import { requireRegular } from '../../../host/plain-file.ts';
import { removeStaleScratch } from '../../../host/scratch.ts';
import type { Selection } from '../../../store/cell-data.ts';
import { cellOf } from '../../../store/reader.ts';
import { writeOneFile } from '../../one-file.ts';
import { databaseFile } from '../../options.ts';
import { Ownership } from '../../ownership.ts';
import { printCsv } from '../../print-csv.ts';
import { alignColumns } from '../../print-table.ts';
import type { Terminal } from '../../terminal.ts';
import { printable } from '../../terminal-text.ts';
import { cut } from '../../text-width.ts';
import { CheckJson } from './check-json.ts';
import { type CheckedFile, checkedFiles, doubtsOf } from './checked-files.ts';
import { gradeLines, gradeOf } from './grades.ts';
import { checkRows } from './rows.ts';

export interface CheckArguments extends CsvOptions, Selection {
  readonly spec: string;
  readonly databases: readonly string[] | undefined;
  readonly db: readonly string[] | undefined;
  readonly results: string;
  readonly sweep: string | undefined;
  readonly everyCell: boolean;
  readonly csv: boolean;
  readonly json: boolean;
  readonly out: string | undefined;
  readonly allowLarge: boolean;
}

/** Judges stored runs by the expectations of a spec. Exit 1 unless everything passes. */
export async function check(args: CheckArguments, terminal: Terminal): Promise<ExitCodeValue> {
  if (args.csv && args.json) throw new UserError('--csv and --json exclude each other');
  const experiment = loadExperiment(args.spec, { allowLarge: args.allowLarge });
  if (experiment.expectations.length === 0) {
    throw new UserError(`${args.spec} has no expectations to judge by`, {
      hint: 'write what must be true under `expect:`; docs/spec.md has examples',
    });
  }
  const named = [...(args.db ?? []), ...(args.databases ?? [])];
  const files = named.length > 0 ? named : [databaseFile({ db: undefined, results: args.results })];
  if (args.out !== undefined) requireOther(args.out, [...files, args.spec]);
  removeStaleScratch();
  const rows: CheckRow[] = [];
  const details: string[] = [];
  const grades: Record<VerdictState, string[]> = { pass: [], fail: [], 'not-judged': [] };
  const json = args.json ? new CheckJson(experiment, terminal) : undefined;
  for await (const each of checkedFiles(files, { ...args, experiment }, terminal)) {
    const own = checkRows(each);
    rows.push(...own);
    grades[gradeOf(own)].push(each.student);
    json?.add(each);
    if (!args.json && !args.csv) details.push(...detailsOf(each, terminal));
  }
  terminal.live('');
  json?.end(grades);
  if (args.csv) printCsv(checkTable(rows), args, terminal);
  if (!args.json && !args.csv) printRows(rows, details, terminal);
  if (args.out !== undefined) await writeRows(args.out, rows, args, terminal);
  const say = args.json || args.csv ? terminal.talk : terminal.out;
  for (const line of gradeLines(grades)) say(line);
  return grades.pass.length === files.length ? ExitCode.ok : ExitCode.runsFailed;
}

const COLOURS = { pass: 'green', fail: 'red', 'not-judged': 'yellow' } as const;

function printRows(rows: readonly CheckRow[], details: readonly string[], terminal: Terminal) {
  const shown = rows.map((row) => [
    row.student,
    row.sweep ?? '-',
    row.state,
    row.judged?.expectation ?? '-',
    row.found,
  ]);
  const header = ['student', 'sweep', 'state', 'expectation', 'found'];
  const [title = '', ...lines] = alignColumns(header, shown, []);
  terminal.out(title);
  for (const [at, line] of lines.entries()) {
    const { state } = rows[at]!;
    terminal.out(line.replace(`  ${state}  `, `  ${terminal.style(COLOURS[state], state)}  `));
  }
  for (const line of [...details, '']) terminal.out(line);
}

/** The most cells that are named for an expectation; --json has all. */
const MOST_CELLS = 3;
const LONGEST_LINE = 400;

/** Lines about everything that a reader must know of a database beyond its rows. */
function detailsOf(each: CheckedFile, { style }: Terminal): readonly string[] {
  const { student, file, checked } = each;
  if (checked.state === 'unread') return [];
  const lines = [
    ...checked.judged.flatMap(({ expectation, verdict, judgements }) => {
      if (verdict.state === 'pass') return [];
      const bad = judgements.filter(({ state }) => state !== 'met');
      const more = bad.length > MOST_CELLS ? [`    and ${bad.length - MOST_CELLS} more cells`] : [];
      const cells = bad
        .slice(0, MOST_CELLS)
        .map(({ cell, shown }) => `    ${cellName(cellOf(cell))}: ${shown}`);
      return bad.length === 0 ? [] : [`  ${expectation.text}`, ...cells, ...more];
    }),
    ...checked.differences.map(({ message }) => `  differs: ${message}`),
    ...doubtsOf(each).map((doubt) => `  ${style('yellow', 'doubt:')} ${printable(doubt)}`),
  ];
  if (lines.length === 0) return [];
  const title = `\n${printable(`${student} (${file})`)}:`;
  return [title, ...lines.map((line) => cut(line, LONGEST_LINE))];
}

async function writeRows(
  path: string,
  rows: readonly CheckRow[],
  options: CsvOptions,
  terminal: Terminal,
): Promise<void> {
  const owner = new Ownership(process.env, process.geteuid?.());
  try {
    const text = [...csvParts(checkTable(rows), options)].map((part) => part.text).join('');
    await writeOneFile(path, text, owner);
    terminal.talk(`wrote ${printable(path)}`);
  } finally {
    owner.handBack();
  }
}

/** @throws UserError if the rows would replace one of the files that they are made from, or no file */
function requireOther(out: string, files: readonly string[]): void {
  const place = requireRegular(out, 'name a file for the rows; --csv prints them');
  const same = files.find((file) => {
    // A file that cannot be found is reported in its row.
    const stats = place && existsSync(file) ? lstatSync(file) : undefined;
    return stats !== undefined && stats.ino === place?.ino && stats.dev === place.dev;
  });
  if (same === undefined) return;
  throw new UserError(`--out ${out} is ${same}, which would be overwritten`, {
    hint: 'name another file for the rows',
  });
}
