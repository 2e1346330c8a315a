import type { CellVerdict } from '../../../analyse/compare.ts';
import {
  AmbiguousCells,
  type ComparedSides,
  type CompareSidesOptions,
  compareSides,
} from '../../../analyse/comparison.ts';
import type { Gate } from '../../../analyse/gate.ts';
import { ExitCode, type ExitCodeValue, UserError } from '../../../errors.ts';
import type { AxisName } from '../../../experiment/cell.ts';
import { comparisonTables } from '../../../export/comparison-tables.ts';
import { type CsvOptions, writeCsv } from '../../../export/csv.ts';
import type { Selection } from '../../../store/cell-data.ts';
import { comparisonLines, gateLines } from '../../comparison-lines.ts';
import { comparisonWarnings } from '../../comparison-warnings.ts';
import { databaseFile } from '../../options.ts';
import { Ownership } from '../../ownership.ts';
import { printJson } from '../../print-json.ts';
import { floorLine, repeatLines, repeatsJson, repeatWarnings } from '../../repeat-lines.ts';
import { loadRepeats, type Repeats } from '../../repeats.ts';
import { parseSelector } from '../../selector.ts';
import { SELECTOR_HINT } from '../../selector-hint.ts';
import { type LoadedSide, loadPrograms, loadSide } from '../../side.ts';
import type { Terminal } from '../../terminal.ts';
import { printable } from '../../terminal-text.ts';

export interface CompareArguments extends CsvOptions, Selection {
  /** If undefined, nothing is compared, and only `repeat` is answered. */
  readonly a: string | undefined;
  /** If undefined, the programs of A are compared with the first of them. */
  readonly b: string | undefined;
  readonly results: string;
  readonly db: string | undefined;
  readonly json: boolean;
  readonly out: string | undefined;
  readonly failIfSlower: string | undefined;
  readonly equivalent: string | undefined;
  /** The sweep whose repeats show how much sessions differ. */
  readonly repeat: string | undefined;
}

/** A deviation from two sweeps is too uncertain to be used. */
const LEAST_REPEATS = 3;

/** Reports cell by cell whether B is faster or slower than A, and what else differs. */
export async function compare(args: CompareArguments, terminal: Terminal): Promise<ExitCodeValue> {
  const notSlowerBy = parseShare('--fail-if-slower', args.failIfSlower);
  const equivalent = parseShare('--equivalent', args.equivalent);
  const database = databaseFile(args);
  if (args.a === undefined) return repeatsAlone(args, database, terminal);
  const { a, b, ...how } = sidesOf({ ...args, a: args.a }, database);
  const { repeat: asked } = args;
  const repeats = asked === undefined ? undefined : repeatsFor(a, b, asked, args, database);
  const sessions = repeats?.deviation;
  const allowances = { notSlowerBy, equivalent, floor: sessions?.floor, sessions };
  const compared = matched(a, b, { ...how, ...allowances });
  const warnings = [
    ...comparisonWarnings(a, b, compared, how.apart),
    ...(repeats ? repeatWarnings(repeats, [a, b]) : []),
  ];
  const failed =
    notSlowerBy !== undefined &&
    (compared.onlyA.length > 0 || compared.cells.some(({ gate }) => gate?.state !== 'passes'));
  if (args.json) {
    const sides = { a: sideJson(a), b: sideJson(b) };
    const shares = { equivalent: equivalent ?? null, fail_if_slower: notSlowerBy ?? null };
    const repeat = repeats ? repeatsJson(repeats) : null;
    const figures = comparedJson(compared);
    printJson({ ...sides, ...shares, repeat, warnings, ...figures, failed }, terminal);
  } else {
    const repeated = repeats ? [...repeatLines(repeats), floorLine(repeats)] : [];
    for (const line of [`A: ${nameOf(a)}`, `B: ${nameOf(b)}`, ...repeated, '']) terminal.out(line);
    for (const { message } of warnings) terminal.talk(`warning: ${printable(message)}`);
    for (const line of comparisonLines(compared, args.equivalent)) terminal.out(line);
    for (const line of gateLines(compared, args.failIfSlower)) terminal.out(line);
  }
  if (args.out !== undefined) await write(args.out, compared, args, terminal);
  return failed ? ExitCode.runsFailed : ExitCode.ok;
}

/** `compare --repeat SWEEP` without sides. */
function repeatsAlone(args: CompareArguments, database: string, terminal: Terminal): ExitCodeValue {
  if (args.repeat === undefined) {
    throw new UserError('two things to compare are expected, or one sweep of several programs', {
      hint: SELECTOR_HINT,
    });
  }
  const { out, failIfSlower, equivalent } = args;
  const asked = { '--out': out, '--fail-if-slower': failIfSlower, '--equivalent': equivalent };
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
  a: LoadedSide,
  b: LoadedSide,
  asked: string,
  selection: Selection,
  database: string,
): Repeats {
  if (a.made.sweep === b.made.sweep) {
    throw new UserError('--repeat says how far two sweeps differ, and A and B are of one sweep', {
      hint: 'leave --repeat out: what differs between sessions is in both alike',
    });
  }
  return loadRepeats(asked, database, selection, LEAST_REPEATS);
}

interface Sides extends Required<Pick<CompareSidesOptions, 'apart' | 'severalPrograms'>> {
  readonly a: LoadedSide;
  readonly b: LoadedSide;
}

/** Cells may differ, but still be matched, in the axes by which a side is narrowed. */
function sidesOf(
  { a, b, ...selection }: CompareArguments & { readonly a: string },
  database: string,
): Sides {
  const axes = (side: string) => [...parseSelector(side).cells.keys()];
  if (b === undefined) {
    const { first, others } = loadPrograms(a, database, selection);
    const apart = new Set<AxisName>([...axes(a), 'program']);
    return { a: first, b: others, apart, severalPrograms: true };
  }
  return {
    a: loadSide(a, database, selection),
    b: loadSide(b, database, selection),
    apart: new Set([...axes(a), ...axes(b)]),
    severalPrograms: false,
  };
}

/** @throws UserError when nothing, or nothing unambiguous, can be compared */
function matched(a: LoadedSide, b: LoadedSide, options: CompareSidesOptions): ComparedSides {
  const { apart } = options;
  try {
    const compared = compareSides(a, b, options);
    if (compared.cells.length > 0) return compared;
  } catch (error) {
    if (!(error instanceof AmbiguousCells)) throw error;
    throw new UserError(`${a.label} and ${b.label} cannot be compared: ${error.message}`, {
      hint: `narrow both sides by that axis, such as ipc=pipe and ipc=local; ${SELECTOR_HINT}`,
    });
  }
  const shared = apart.has('host') && [...a.cells, ...b.cells].some((cell) => cell.host_axis === 0);
  throw new UserError(`no cell of ${a.label} has a counterpart in ${b.label}`, {
    hint: `cells belong together when they agree in every axis that neither side names${
      shared ? '; where hosts share the cells of a sweep, each cell is made on one of them' : ''
    }`,
  });
}

function nameOf({ label, sweep, cells }: LoadedSide): string {
  return `${label} (sweep ${sweep.name}-${sweep.id}, ${cells.length} of its cells, started ${sweep.started_at || 'elsewhere'})`;
}

function sideJson({ selector, sweep, cells, untraced }: LoadedSide) {
  const { id, name, started_at } = sweep;
  const programs = [...new Set(cells.map(({ program }) => program))].filter((it) => it !== '');
  return { selector: selector ?? null, programs, sweep: id, name, started_at, untraced };
}

function comparedJson({ cells, onlyA, onlyB }: ComparedSides) {
  return {
    cells: cells.map(({ a, b, medianA, medianB, verdict, syscalls, pipeStates, ...more }) => ({
      a,
      b,
      a_median_bytes_per_s: medianA ?? null,
      b_median_bytes_per_s: medianB ?? null,
      ...verdictJson(verdict),
      a_doubts: more.doubtsA,
      b_doubts: more.doubtsB,
      interleaved: more.interleaved,
      gate: more.gate === undefined ? null : gateJson(more.gate),
      syscalls,
      pipe_states: pipeStates,
    })),
    only_a: onlyA,
    only_b: onlyB,
  };
}

function verdictJson(verdict: CellVerdict) {
  if (verdict.verdict === 'too few') return verdict;
  const { bounds, leastP: _, pairs, detectable, ...rest } = verdict;
  const found = { pairs: pairs ?? null, detectable: detectable ?? null };
  return { ...rest, lowerBound: bounds.low, upperBound: bounds.high, ...found };
}

function gateJson(gate: Gate) {
  if (gate.state !== 'undecided') return gate;
  const { state, because, trials, repeats } = gate;
  return { state, because, trials: trials ?? null, repeats: repeats ?? null };
}

async function write(
  folder: string,
  compared: ComparedSides,
  options: CsvOptions,
  terminal: Terminal,
): Promise<void> {
  const owner = new Ownership(process.env, process.geteuid?.());
  try {
    owner.folder(folder);
    for (const { path } of await writeCsv(folder, comparisonTables(compared), options)) {
      owner.file(path);
      terminal.talk(`wrote ${path}`);
    }
  } finally {
    owner.handBack();
  }
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
