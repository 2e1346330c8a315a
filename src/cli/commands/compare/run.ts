import { extname } from 'node:path';
import { sideLetter } from '../../../analyse/comparison.ts';
import { ExitCode, type ExitCodeValue, UserError } from '../../../errors.ts';
import { AXES, type AxisName } from '../../../experiment/axes.ts';
import { nearest } from '../../../experiment/suggest.ts';
import { requireReplaceable } from '../../../export/safe-file.ts';
import type { ComparisonReport } from '../../../report/comparison-report.ts';
import { sideDescription } from '../../../report/comparison-words.ts';
import type { CompareDocument, RepeatDocument } from '../../../report/json/compare-schema.ts';
import { documentHead } from '../../../report/json/document-head.ts';
import type { FigureFormat } from '../../../report/render/formats.ts';
import { comparisonLines, gateLines } from '../../comparison-lines.ts';
import { comparisonMarkdown } from '../../comparison-markdown.ts';
import { databaseFile } from '../../options.ts';
import { printJson } from '../../print-json.ts';
import { repeatLines, repeatsJson } from '../../repeat-lines.ts';
import { loadRepeats } from '../../repeats.ts';
import { SELECTOR_HINT } from '../../selector-hint.ts';
import type { Terminal } from '../../terminal.ts';
import { printable } from '../../terminal-text.ts';
import type { CompareArguments } from './arguments.ts';
import { commandOf } from './command-of.ts';
import { compareNamed } from './comparison.ts';
import { comparisonJson } from './json.ts';
import { newestSweep } from './sides.ts';

/** Reports cell by cell whether the other sides are faster or slower than the base. */
export async function compare(asked: CompareArguments, terminal: Terminal): Promise<ExitCodeValue> {
  if (asked.json && asked.markdown) {
    throw new UserError('--json and --markdown exclude each other', {
      hint: 'one document goes to standard output',
    });
  }
  const format = asked.plot === undefined ? undefined : formatOf(asked.plot);
  requireReplaceable([asked.plot, asked.html]);
  const over = axisNamed(asked.over);
  const database = databaseFile(asked);
  const ofNewest = over !== undefined && asked.sides.length === 0 && asked.repeat === undefined;
  const args = ofNewest ? { ...asked, sides: [newestSweep(database)] } : asked;
  if (args.sides.length === 0) return repeatsAlone(args, database, terminal);
  const { report, loaded, repeats, equivalent } = compareNamed({ ...args, over }, database);
  const { compared, limit, warnings } = report;
  const failed =
    limit !== undefined &&
    (compared.unmatched.some(({ onlyA }) => onlyA.length > 0) ||
      compared.cells.some(({ gate }) => gate?.state !== 'passes'));
  if (args.json) {
    const shares = { equivalent: equivalent ?? null, fail_if_slower: limit?.share ?? null };
    const repeat = repeats ? repeatsJson(repeats) : null;
    const { cells, ...sides } = comparisonJson(loaded, compared);
    const document: CompareDocument = {
      ...documentHead('compare'),
      ...{ ...sides, ...shares, repeat, warnings, cells, failed },
    };
    printJson(document, terminal);
  } else if (args.markdown) {
    for (const line of comparisonMarkdown(report, commandOf(args))) terminal.out(line);
  } else print(report, terminal);
  if (args.out !== undefined || format !== undefined || args.html !== undefined) {
    // Drawing takes time to load, and most comparisons are only read.
    const { writeComparisonFiles } = await import('./files.ts');
    await writeComparisonFiles(report, { ...args, format }, terminal);
  }
  return failed ? ExitCode.runsFailed : ExitCode.ok;
}

function print(report: ComparisonReport, terminal: Terminal): void {
  const { sides, repeated, warnings } = report;
  sides.forEach((side, at) => {
    terminal.out(`${sideLetter(at)}: ${sideDescription(side)}`);
  });
  for (const line of [...repeated, '']) terminal.out(line);
  for (const { message } of warnings) terminal.talk(`warning: ${printable(message)}`);
  for (const line of comparisonLines(report)) terminal.out(line);
  for (const line of gateLines(report)) terminal.out(line);
}

/** `compare --repeat SWEEP` without sides. */
function repeatsAlone(args: CompareArguments, database: string, terminal: Terminal): ExitCodeValue {
  if (args.repeat === undefined) {
    throw new UserError('expected two things to compare, or one sweep of several programs', {
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
    throw new UserError(`${idle[0]} needs a comparison, but only --repeat was asked for`, {
      hint: 'name A and B, too: `ipc-sweep compare A B --repeat SWEEP`',
    });
  }
  const repeats = loadRepeats(args.repeat, database, args, 2);
  if (args.json) {
    const document: RepeatDocument = {
      ...documentHead('compare'),
      repeat: repeatsJson(repeats),
    };
    printJson(document, terminal);
  } else for (const line of repeatLines(repeats)) terminal.out(printable(line));
  return ExitCode.ok;
}

/** @throws UserError for a word that is no axis */
function axisNamed(word: string | undefined): AxisName | undefined {
  const found = AXES.find((axis) => axis === word);
  if (found || word === undefined) return found;
  const meant = nearest(word, AXES);
  throw new UserError(`--over: expected an axis (${AXES.join(', ')}), got ${word}`, {
    ...(meant !== undefined && { hint: `did you mean ${meant}?` }),
  });
}

/** @throws UserError for a file whose name does not tell a format */
function formatOf(file: string): FigureFormat {
  const formats: readonly FigureFormat[] = ['svg', 'png', 'pdf'];
  const found = formats.find((format) => extname(file).toLowerCase() === `.${format}`);
  if (found) return found;
  throw new UserError(`--plot: expected a name that ends in .svg, .png or .pdf, got ${file}`);
}
