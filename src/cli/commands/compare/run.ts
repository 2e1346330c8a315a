import { extname } from 'node:path';
import { sideLetter } from '../../../analyse/comparison.ts';
import { ExitCode, type ExitCodeValue, UserError } from '../../../errors.ts';
import type { AxisName } from '../../../experiment/cell.ts';
import type { CsvOptions } from '../../../export/csv.ts';
import type { ComparisonReport } from '../../../report/comparison-report.ts';
import { sideWords } from '../../../report/comparison-words.ts';
import type { Format } from '../../../report/render/formats.ts';
import type { Selection } from '../../../store/cell-data.ts';
import { comparisonLines, gateLines } from '../../comparison-lines.ts';
import { comparisonMarkdown } from '../../comparison-markdown.ts';
import { comparisonWarnings } from '../../comparison-warnings.ts';
import { databaseFile } from '../../options.ts';
import { printJson } from '../../print-json.ts';
import { floorLine, repeatLines, repeatsJson, repeatWarnings } from '../../repeat-lines.ts';
import { loadRepeats, type Repeats } from '../../repeats.ts';
import { SELECTOR_HINT } from '../../selector-hint.ts';
import type { Terminal } from '../../terminal.ts';
import { printable } from '../../terminal-text.ts';
import { commandOf } from './command-of.ts';
import { comparisonJson } from './json.ts';
import { type LoadedSides, loadSides, matchSides } from './sides.ts';

export interface CompareArguments extends CsvOptions, Selection {
  /** If empty, nothing is compared, and only `repeat` is answered. */
  readonly sides: readonly string[];
  readonly base: string | undefined;
  readonly over: AxisName | undefined;
  readonly results: string;
  readonly db: string | undefined;
  readonly json: boolean;
  readonly markdown: boolean;
  readonly out: string | undefined;
  readonly plot: string | undefined;
  readonly html: string | undefined;
  readonly failIfSlower: string | undefined;
  readonly equivalent: string | undefined;
  /** The sweep whose repeats show how much sessions differ. */
  readonly repeat: string | undefined;
}

/** A deviation from two sweeps is too uncertain to be used. */
const LEAST_REPEATS = 3;

/** Reports cell by cell whether the other sides are faster or slower than the base. */
export async function compare(args: CompareArguments, terminal: Terminal): Promise<ExitCodeValue> {
  const notSlowerBy = parseShare('--fail-if-slower', args.failIfSlower);
  const equivalent = parseShare('--equivalent', args.equivalent);
  const format = args.plot === undefined ? undefined : formatOf(args.plot);
  const database = databaseFile(args);
  if (args.sides.length === 0) return repeatsAlone(args, database, terminal);
  const loaded = loadSides(args, database, args);
  const { base, others } = loaded;
  const repeats = repeatsFor(loaded, args, database);
  const sessions = repeats?.deviation;
  const apart = new Set([base, ...others].flatMap(({ narrowedBy }) => narrowedBy));
  const allowances = { notSlowerBy, equivalent, floor: sessions?.floor, sessions };
  const compared = matchSides(loaded, { apart, ...allowances });
  const { failIfSlower: written = '' } = args;
  const report: ComparisonReport = {
    ...{ sides: [base, ...others], compared, apart, margin: args.equivalent },
    limit: notSlowerBy === undefined ? undefined : { written, share: notSlowerBy },
    repeated: repeats ? [...repeatLines(repeats), floorLine(repeats)] : [],
    warnings: [
      ...comparisonWarnings({ ...loaded, compared, apart }),
      ...(repeats ? repeatWarnings(repeats, [base, ...others]) : []),
    ],
  };
  const failed =
    notSlowerBy !== undefined &&
    (compared.unmatched.some(({ onlyA }) => onlyA.length > 0) ||
      compared.cells.some(({ gate }) => gate?.state !== 'passes'));
  if (args.json) {
    const shares = { equivalent: equivalent ?? null, fail_if_slower: notSlowerBy ?? null };
    const repeat = repeats ? repeatsJson(repeats) : null;
    const { warnings } = report;
    const { cells, ...sides } = comparisonJson(loaded, compared);
    printJson({ ...sides, ...shares, repeat, warnings, cells, failed }, terminal);
  } else if (args.markdown) {
    for (const line of comparisonMarkdown(report, commandOf(args))) terminal.out(line);
  } else print(report, terminal);
  if (args.out !== undefined || format !== undefined || args.html !== undefined) {
    // Drawing takes time to load, and most comparisons are only read.
    const { writeFiles } = await import('./files.ts');
    await writeFiles(report, { ...args, format }, terminal);
  }
  return failed ? ExitCode.runsFailed : ExitCode.ok;
}

function print(report: ComparisonReport, terminal: Terminal): void {
  const { sides, repeated, warnings } = report;
  sides.forEach((side, at) => {
    terminal.out(`${sideLetter(at)}: ${sideWords(side)}`);
  });
  for (const line of [...repeated, '']) terminal.out(line);
  for (const { message } of warnings) terminal.talk(`warning: ${printable(message)}`);
  for (const line of comparisonLines(report)) terminal.out(line);
  for (const line of gateLines(report)) terminal.out(line);
}

/** `compare --repeat SWEEP` without sides. */
function repeatsAlone(args: CompareArguments, database: string, terminal: Terminal): ExitCodeValue {
  if (args.repeat === undefined) {
    throw new UserError('two things to compare are expected, or one sweep of several programs', {
      hint: SELECTOR_HINT,
    });
  }
  const { out, plot, html, markdown, base, over, failIfSlower, equivalent } = args;
  const asked = {
    ...{ '--out': out, '--plot': plot, '--html': html, '--markdown': markdown || undefined },
    ...{ '--base': base, '--over': over },
    ...{ '--fail-if-slower': failIfSlower, '--equivalent': equivalent },
  };
  const [idle] = Object.entries(asked).filter(([, value]) => value !== undefined);
  if (idle) {
    throw new UserError(`${idle[0]} is about a comparison, and nothing is compared`, {
      hint: 'name A and B, too: `ipc-sweep compare A B --repeat SWEEP`',
    });
  }
  const repeats = loadRepeats(args.repeat, database, args, 2);
  if (args.json) printJson({ repeat: repeatsJson(repeats) }, terminal);
  else for (const line of repeatLines(repeats)) terminal.out(printable(line));
  return ExitCode.ok;
}

/** @throws UserError if the deviation between sessions does not apply to the sides */
function repeatsFor(
  { base, others }: LoadedSides,
  { repeat, suspect }: CompareArguments,
  database: string,
): Repeats | undefined {
  if (repeat === undefined) return undefined;
  if (others.every(({ made }) => made.sweep === base.made.sweep)) {
    const all = others.length === 1 ? 'A and B' : 'all sides';
    throw new UserError(`--repeat says how far two sweeps differ, and ${all} are of one sweep`, {
      hint: 'leave --repeat out: what differs between sessions is in all of them alike',
    });
  }
  return loadRepeats(repeat, database, { suspect }, LEAST_REPEATS);
}

/** @throws UserError for a file whose name does not tell a format */
function formatOf(file: string): Format {
  const formats: readonly Format[] = ['svg', 'png', 'pdf'];
  const found = formats.find((format) => extname(file).toLowerCase() === `.${format}`);
  if (found) return found;
  throw new UserError(`--plot ${file}: a file that ends in .svg, .png or .pdf is expected`);
}

/**
 * A share of 0 is refused: no number of runs can show that nothing at all is lost, or that two
 * things are exactly the same.
 * @throws UserError for anything that is not a share above 0
 */
function parseShare(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, number, percent] = /^(\d{1,3}(?:\.\d{1,4})?)( ?%)?$/.exec(text) ?? [];
  const share = Number(number) / (percent === undefined ? 1 : 100);
  if (share > 0 && share < 1) return share;
  throw new UserError(`${option} ${text}: a share such as 5% or 0.05 is expected`, {
    hint: 'it is above 0 and below 100%',
  });
}
