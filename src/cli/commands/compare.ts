import {
  AmbiguousCells,
  type ComparedCell,
  type ComparedSides,
  compareSides,
} from '../../analyse/comparison.ts';
import { doubtLine } from '../../analyse/doubts.ts';
import { environmentDifferences } from '../../analyse/environment-differences.ts';
import { ExitCode, type ExitCodeValue, UserError } from '../../errors.ts';
import type { AxisName } from '../../experiment/cell.ts';
import { comparisonTables } from '../../export/comparison-tables.ts';
import { type CsvOptions, writeCsv } from '../../export/csv.ts';
import type { Selection } from '../../store/cell-data.ts';
import { comparisonLines } from '../comparison-lines.ts';
import { counted } from '../counted.ts';
import { databaseFile } from '../options.ts';
import { Ownership } from '../ownership.ts';
import { printJson } from '../print-json.ts';
import { SELECTOR_HINT } from '../selector-hint.ts';
import { type LoadedSide, loadSide, parseSelector } from '../side.ts';
import type { Terminal } from '../terminal.ts';
import { printable } from '../terminal-text.ts';

export interface CompareArguments extends CsvOptions, Selection {
  readonly a: string;
  readonly b: string;
  readonly results: string;
  readonly db: string | undefined;
  readonly json: boolean;
  readonly out: string | undefined;
  readonly failIfSlower: string | undefined;
}

/** Says cell by cell whether B is faster or slower than A, and what else differs. */
export async function compare(args: CompareArguments, terminal: Terminal): Promise<ExitCodeValue> {
  const allowed = args.failIfSlower === undefined ? undefined : parseShare(args.failIfSlower);
  const database = databaseFile(args);
  const a = loadSide(args.a, database, args);
  const b = loadSide(args.b, database, args);
  const compared = matched(a, b, args);
  const apart = axesNamed(args);
  const warnings = [...doubtsAbout(a, b), ...doubtsAboutHosts(a, b, compared, apart)];
  const gate = allowed === undefined ? undefined : gateOf(compared, allowed);
  if (args.json) {
    const sides = { a: sideJson(a), b: sideJson(b) };
    const document = { ...sides, warnings, ...comparedJson(compared), failed: isShut(gate) };
    printJson(document, terminal);
  } else {
    for (const line of [`A: ${nameOf(a)}`, `B: ${nameOf(b)}`, '']) terminal.out(line);
    for (const { message } of warnings) terminal.talk(`warning: ${printable(message)}`);
    for (const line of comparisonLines(compared)) terminal.out(line);
    if (gate && isShut(gate)) {
      const { slower, unknown } = gate;
      terminal.out(
        `\n${counted(slower, 'cell')} slower by ${args.failIfSlower} or more, ${unknown} with too few runs to tell`,
      );
    }
  }
  if (args.out !== undefined) await write(args.out, compared, args, terminal);
  return isShut(gate) ? ExitCode.runsFailed : ExitCode.ok;
}

/** What `--fail-if-slower` fails for. */
interface Gate {
  readonly slower: number;
  /** A cell of which nothing is known has not passed. */
  readonly unknown: number;
}

function gateOf({ cells }: ComparedSides, allowed: number): Gate {
  const count = (fails: (cell: ComparedCell) => boolean) => cells.filter(fails).length;
  return {
    slower: count(({ verdict: it }) => it.verdict === 'slower' && it.ratio <= 1 - allowed),
    unknown: count(({ verdict: it }) => it.verdict === 'too few'),
  };
}

function isShut(gate: Gate | undefined): boolean {
  return gate !== undefined && gate.slower + gate.unknown > 0;
}

/** @throws UserError when nothing, or nothing certain, can be compared */
function matched(a: LoadedSide, b: LoadedSide, args: CompareArguments): ComparedSides {
  const apart = axesNamed(args);
  try {
    const compared = compareSides(a, b, { apart, seed: a.sweep.seed });
    if (compared.cells.length > 0) return compared;
  } catch (error) {
    if (!(error instanceof AmbiguousCells)) throw error;
    throw new UserError(`${args.a} and ${args.b} cannot be compared: ${error.message}`, {
      hint: `narrow both sides by that axis, such as ipc=pipe and ipc=local; ${SELECTOR_HINT}`,
    });
  }
  const shared = apart.has('host') && [...a.cells, ...b.cells].some((cell) => cell.host_axis === 0);
  throw new UserError(`no cell of ${args.a} has a counterpart in ${args.b}`, {
    hint: `cells belong together when they agree in every axis that neither side names${
      shared ? '; where hosts share the cells of a sweep, each cell is made on one of them' : ''
    }`,
  });
}

/** Kinds of doubt that are said of a side. */
const MOST_DOUBTS = 5;

/** Axes by which a side is narrowed: cells may differ in them and belong together. */
function axesNamed(args: Pick<CompareArguments, 'a' | 'b'>): ReadonlySet<AxisName> {
  return new Set([...parseSelector(args.a).cells.keys(), ...parseSelector(args.b).cells.keys()]);
}

interface Warning {
  readonly code: string;
  readonly message: string;
}

/** What must be known before the figures of two sides are believed to differ for the reason at hand. */
function doubtsAbout(a: LoadedSide, b: LoadedSide): readonly Warning[] {
  const warnings: Warning[] = [];
  if (a.untraced !== b.untraced) {
    const [traced, other] = a.untraced ? ['B', 'A'] : ['A', 'B'];
    const message = `the bandwidths of ${traced} were measured under a tracer, those of ${other} were not (trace.controls)`;
    warnings.push({ code: 'tracing', message });
  } else if (!a.untraced) {
    const message = 'the bandwidths of both were measured under a tracer (trace.controls)';
    warnings.push({ code: 'traced', message });
  }
  for (const [side, { sweep }] of [['A', a] as const, ['B', b] as const]) {
    if (sweep.state === 'ended') continue;
    const message = `${side} is not complete: sweep ${sweep.name}-${sweep.id} is ${sweep.state}`;
    warnings.push({ code: 'incomplete', message });
  }
  for (const [side, { doubts }] of [['A', a] as const, ['B', b] as const]) {
    for (const doubt of doubts.slice(0, MOST_DOUBTS)) {
      warnings.push({ code: doubt.code, message: `${side}: ${doubtLine(doubt)}` });
    }
  }
  for (const key of ['iterations', 'bare'] as const) {
    if (a.sweep[key] === b.sweep[key]) continue;
    const message = `benchmark.${key} differs: ${a.sweep[key]} and ${b.sweep[key]}`;
    warnings.push({ code: key, message });
  }
  return [
    ...warnings,
    ...environmentDifferences(a.facts, b.facts).map(({ code, message }) => ({ code, message })),
  ];
}

/** Figures of different machines are not held against each other without a word. */
function doubtsAboutHosts(
  a: LoadedSide,
  b: LoadedSide,
  { cells }: ComparedSides,
  apart: ReadonlySet<AxisName>,
): readonly Warning[] {
  const warnings: Warning[] = [];
  for (const [side, { machines }] of [['A', a] as const, ['B', b] as const]) {
    if (machines.size < 2) continue;
    const message = `the cells of ${side} were made on several hosts: ${[...machines.keys()].join(', ')}; what differs between them is not compared below`;
    warnings.push({ code: 'hosts', message });
  }
  if (apart.has('host')) return warnings;
  const machineOf = (side: LoadedSide, host: string) => side.machines.get(host) ?? host;
  const others = cells.flatMap((pair) => {
    const [left, right] = [machineOf(a, pair.a.host), machineOf(b, pair.b.host)];
    return left === right ? [] : [`${left} and ${right}`];
  });
  if (others.length > 0) {
    const message = `${counted(others.length, 'pair')} of ${cells.length} were made on different machines: ${[...new Set(others)].slice(0, 5).join('; ')}`;
    warnings.push({ code: 'machine', message });
  }
  return warnings;
}

function nameOf({ label, sweep, cells }: LoadedSide): string {
  return `${label} (sweep ${sweep.name}-${sweep.id}, ${cells.length} of its cells, started ${sweep.started_at || 'elsewhere'})`;
}

function sideJson({ label, sweep, untraced }: LoadedSide) {
  const { id, name, started_at } = sweep;
  return { selector: label, sweep: id, name, started_at, untraced };
}

function comparedJson({ cells, onlyA, onlyB }: ComparedSides) {
  return {
    cells: cells.map(({ a, b, medianA, medianB, verdict, syscalls, pipeStates }) => ({
      a,
      b,
      a_median_bytes_per_s: medianA ?? null,
      b_median_bytes_per_s: medianB ?? null,
      ...verdict,
      syscalls,
      pipe_states: pipeStates,
    })),
    only_a: onlyA,
    only_b: onlyB,
  };
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

/** @throws UserError for what is no share */
function parseShare(text: string): number {
  const [, number, percent] = /^(\d{1,3}(?:\.\d{1,4})?)( ?%)?$/.exec(text) ?? [];
  const share = Number(number) / (percent === undefined ? 1 : 100);
  if (share >= 0 && share < 1) return share;
  throw new UserError(`--fail-if-slower ${text}: a share such as 5% or 0.05 is expected`);
}
