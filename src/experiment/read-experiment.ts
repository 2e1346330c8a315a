import { dirname, resolve } from 'node:path';
import { UserError } from '../errors.ts';
import { LOCAL_HOST } from '../host/host-name.ts';
import type { Mode } from './axes.ts';
import type { Cell } from './cell.ts';
import { type Expectation, parseExpectation } from './expectation.ts';
import { explainIssues } from './explain.ts';
import type { GivenOption } from './given-options.ts';
import { LIMITS } from './limits.ts';
import {
  axisFault,
  expandMatrix,
  type LeftOut,
  type Matrix,
  type MatrixResult,
  type OuterAxes,
} from './matrix.ts';
import { matrixSchema } from './matrix-schema.ts';
import {
  allOf,
  drawProblems,
  type FoundProblems,
  formatPath,
  joinProblems,
  type Problem,
} from './problems.ts';
import { PROGRAM_NAME_EXPECTED } from './program-name.ts';
import { type ExperimentDocument, experimentSchema, publishedJsonSchema } from './schema.ts';
import { changedText, type SpecChange, withChanges } from './spec-changes.ts';
import { readSpecFile } from './spec-file.ts';
import { isWithoutFile, specName } from './standard-input.ts';
import type { KnownKeys } from './suggest.ts';
import { WhereError } from './where.ts';
import { readYaml, type YamlSource } from './yaml-source.ts';

/** A benchmark that a spec asks for. */
export interface AskedProgram {
  /** The name that identifies it in `benchmark.programs`; empty for `benchmark.program`. */
  readonly name: string;
  /** Its absolute path, or `bundled`. */
  readonly program: string;
}

/** A spec that has been read, checked and expanded. */
export interface Experiment {
  /** The absolute path of the file, `standard input`, or `the command line`. */
  readonly file: string;
  /** The text of the spec; if options have changed it, the spec that they stand for. */
  readonly text: string;
  /** The options that have changed the spec, in order. */
  readonly options: readonly GivenOption[];
  /** The absolute path of the folder that the spec's own paths are relative to. */
  readonly folder: string;
  readonly document: ExperimentDocument;
  /** The programs in the order of the spec; a single one may have no name. */
  readonly programs: readonly AskedProgram[];
  /** The absolute paths of the user's own tracing scripts. */
  readonly scripts: readonly string[];
  /** The hosts on which the runs are made. */
  readonly hosts: readonly string[];
  /** Whether the spec names its instruments; otherwise the defaults are used. */
  readonly instrumentsNamed: boolean;
  readonly cells: readonly Cell[];
  readonly leftOut: readonly LeftOut[];
  readonly expectations: readonly Expectation[];
}

export interface LoadOptions {
  readonly allowLarge: boolean;
  /** These replace the spec's own hosts. */
  readonly hosts?: readonly string[];
  /** Changes that options of the command line make to the spec. */
  readonly changes?: readonly SpecChange[];
}

/**
 * Reads, checks and expands a spec.
 * @param path the path of a file, or `-` for standard input, whose scripts are in the working
 *     folder
 * @throws UserError naming every problem with its place in the file
 */
export function loadExperiment(path: string, options: LoadOptions): Experiment {
  return parseExperiment(path, readSpecFile(path), options);
}

/** Works like {@link loadExperiment}, for a text that has already been read. */
export function parseExperiment(path: string, text: string, options: LoadOptions): Experiment {
  const yaml = readYaml(text);
  if (yaml.state === 'broken') throw specError(path, text, yaml.problems);
  const { changes = [] } = options;
  const source = changes.length > 0 ? withChanges(yaml.source, changes) : yaml.source;
  const parsed = experimentSchema.safeParse(source.value);
  // A matrix that is valid by itself reports its problems together with those of the other parts.
  const matrix = matrixSchema.safeParse(
    (source.value as { matrix?: unknown } | null)?.matrix ?? {},
  );
  const cellLimit = options.allowLarge ? LIMITS.cellsAtMost : LIMITS.cells;
  const everyHost = (source.value as { assign?: unknown } | null)?.assign === 'every-host';
  const axes: OuterAxes = {
    hosts: everyHost ? (options.hosts ?? hostsIn(source.value)) : undefined,
    programs: programsIn(source.value),
  };
  const expanded = matrix.success ? expandMatrix(matrix.data, { cellLimit, ...axes }) : undefined;

  const misfits = parsed.success
    ? allOf([])
    : explainIssues(parsed.error.issues, source, keysOf(publishedJsonSchema()));
  const unfit = [
    ...(expanded ? matrixProblems(expanded, options.allowLarge) : []).map(place(source)),
    ...lostPrograms(axes.programs ?? []).map(place(source, 'key')),
  ];
  const problems = joinProblems([source.problems, misfits, allOf(unfit)]);
  if (!parsed.success || expanded?.state !== 'ok' || problems.drawn.length > 0) {
    throw specError(path, text, problems);
  }
  const document = parsed.data;
  const { cells, leftOut } = expanded.matrix;
  const asked = askedTooMuch(document, expanded.matrix, options.allowLarge);
  if (asked.length > 0) throw specError(path, text, allOf(asked.map(place(source))));
  const expectations = document.expect.flatMap((line) => {
    const parsedLine = parseExpectation(line);
    return parsedLine.state === 'ok' ? [parsedLine.expectation] : [];
  });
  // What is expected of the cells that are not selected now is not wrong.
  const selectable = leftOut.filter(({ cause }) => cause === 'only').map(({ cell }) => cell);
  const idle = idleExpectations(expectations, [...cells, ...selectable], axes);
  if (idle.length > 0) throw specError(path, text, allOf(idle.map(place(source))));
  const hosts = options.hosts ?? document.hosts;
  const shown = specName(path);
  const folder = isWithoutFile(shown) ? resolve('.') : dirname(resolve(path));
  return {
    file: isWithoutFile(shown) ? shown : resolve(path),
    text: changes.length > 0 ? changedText(text, source.value, changes) : text,
    options: changes.map(({ option, written }) => ({ option, value: written })),
    folder,
    document,
    programs: programsOf(document).map(([name, program]) => ({
      name,
      program: program === 'bundled' ? program : resolve(folder, program),
    })),
    scripts: document.trace.scripts.map((script) => resolve(folder, script)),
    hosts,
    instrumentsNamed: namesInstruments(source.value),
    cells,
    leftOut,
    expectations,
  };
}

/** Reads the document of a stored spec, without its matrix; undefined if it is no sound spec. */
export function documentIn(text: string): ExperimentDocument | undefined {
  const yaml = readYaml(text);
  return yaml.state === 'ok' ? experimentSchema.safeParse(yaml.source.value).data : undefined;
}

function programsOf({ benchmark }: ExperimentDocument): readonly (readonly [string, string])[] {
  return 'programs' in benchmark ? Object.entries(benchmark.programs) : [['', benchmark.program]];
}

function namesInstruments(value: unknown): boolean {
  const { trace } = (value ?? {}) as { trace?: { instruments?: unknown } | null };
  return trace?.instruments !== undefined;
}

/** Lists a spec's programs, even if other parts are wrong; undefined if it names none. */
function programsIn(value: unknown): readonly string[] | undefined {
  const { benchmark } = (value ?? {}) as { benchmark?: { programs?: unknown } | null };
  const named = benchmark?.programs;
  return typeof named === 'object' && named !== null ? Object.keys(named) : undefined;
}

/** The schema would silently drop a program of this name. */
function lostPrograms(programs: readonly string[]): readonly Misfit[] {
  if (!programs.includes('__proto__')) return [];
  const path = ['benchmark', 'programs', '__proto__'];
  return [{ path, message: `expected ${PROGRAM_NAME_EXPECTED}, got "__proto__"` }];
}

/** Lists the hosts of a spec, even if other parts are wrong. */
function hostsIn(value: unknown): readonly string[] {
  const { hosts } = value as { hosts?: unknown };
  const names = Array.isArray(hosts) ? hosts.filter((name) => typeof name === 'string') : [];
  return names.length > 0 ? names : [LOCAL_HOST];
}

function specError(path: string, text: string, problems: FoundProblems): UserError {
  return new UserError(drawProblems(specName(path), text, problems), {
    hint: 'docs/spec.md explains every key; `ipc-sweep init` writes a commented example',
  });
}

interface Misfit {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

function place(source: YamlSource, part: 'key' | 'value' = 'value'): (misfit: Misfit) => Problem {
  return ({ path, message }) => ({
    path: formatPath(path),
    message,
    ...source.locate(path, part),
  });
}

function matrixProblems(expanded: MatrixResult, allowLarge: boolean): readonly Misfit[] {
  switch (expanded.state) {
    case 'ok': {
      if (expanded.matrix.cells.length > 0) return [];
      const first = expanded.matrix.leftOut[0];
      const why = first ? `; the first was left out: ${first.reason}` : '';
      return [{ path: ['matrix'], message: `the matrix has no cell to run${why}` }];
    }
    case 'too-many': {
      const message = tooMany(
        expanded.cells,
        'cells',
        LIMITS.cells,
        LIMITS.cellsAtMost,
        allowLarge,
      );
      return [{ path: ['matrix'], message }];
    }
    case 'broken':
      return expanded.problems.map(({ path, message }) => ({
        path: ['matrix', ...path],
        message,
      }));
  }
}

/** Finds problems that only the whole document and the whole matrix together can show. */
function askedTooMuch(
  document: ExperimentDocument,
  { cells, leftOut }: Matrix,
  allowLarge: boolean,
): readonly Misfit[] {
  const invalid = leftOut.filter(
    ({ cause }) => cause !== 'excluded' && cause !== 'where' && cause !== 'only',
  );
  if (document.invalid_cells === 'error' && invalid.length > 0) {
    const reasons = invalid.slice(0, 5).map(({ reason }) => reason);
    const more = invalid.length > reasons.length ? '; ...' : '';
    const message = `invalid_cells is error, and ${invalid.length} of ${cells.length + leftOut.length} cells cannot run: ${reasons.join('; ')}${more}`;
    return [{ path: ['matrix'], message }];
  }
  const { events, instruments, tracer, controls } = document.trace;
  if (events && tracer !== 'none' && !instruments.includes('pipe-states')) {
    const message = 'events: true prints pipe states: add pipe-states to trace.instruments';
    return [{ path: ['trace', 'events'], message }];
  }
  const runsPerTrial = controls ? 2 : 1;
  const runs = cells.length * runsPerTrial * (document.trials.max + document.warmup);
  if (runs > (allowLarge ? LIMITS.runsAtMost : LIMITS.runs)) {
    const message = tooMany(runs, 'runs', LIMITS.runs, LIMITS.runsAtMost, allowLarge);
    return [{ path: ['trials'], message }];
  }
  return [];
}

/** An expectation that concerns no cell would be fulfilled in any case. */
function idleExpectations(
  expectations: readonly Expectation[],
  cells: readonly Cell[],
  axes: OuterAxes,
): readonly Misfit[] {
  return expectations.flatMap(({ assertion, concerns, asks }, at) => {
    const path = ['expect', at];
    const fault = axisFault(asks, axes);
    if (fault !== undefined) return [{ path, message: fault }];
    try {
      const concerned = cells.filter(concerns);
      if (concerned.length === 0) {
        return [{ path, message: 'no cell of the matrix fulfils the condition after when' }];
      }
      const quantity = assertion.kind === 'compare' ? assertion.quantity : undefined;
      const role = quantity?.kind === 'syscalls' ? quantity.role : undefined;
      const wanted = role === 'both' ? '2thread' : '2proc';
      const roleless = concerned.some(({ mode }) => role !== undefined && mode !== wanted);
      return roleless ? [{ path, message: rolelessMessage(wanted) }] : [];
    } catch (error) {
      if (error instanceof WhereError) return [{ path, message: error.message }];
      throw error;
    }
  });
}

function rolelessMessage(wanted: Mode): string {
  return wanted === '2proc'
    ? 'a cell of 2thread has one process, whose calls are syscalls.both.NAME; receiver and sender are for cells of 2proc, as with when mode == "2proc"'
    : 'a cell of 2proc has a receiver and a sender; both is the one process of 2thread, as with when mode == "2thread"';
}

function tooMany(
  count: number,
  what: 'cells' | 'runs',
  limit: number,
  most: number,
  allowLarge: boolean,
): string {
  const narrow = what === 'cells' ? 'narrow an axis' : 'narrow an axis, or ask for fewer trials';
  return allowLarge || count > most
    ? `${count} ${what}, and the limit is ${most}: ${narrow}`
    : `${count} ${what}, and the limit is ${limit}: ${narrow}, or pass --allow-large`;
}

interface JsonSchemaNode {
  properties?: Record<string, JsonSchemaNode>;
  items?: JsonSchemaNode;
  anyOf?: JsonSchemaNode[];
}

/** Returns the keys that the published JSON Schema knows at a path. */
function keysOf(schema: JsonSchemaNode): KnownKeys {
  return (path) => {
    let node = schema;
    for (const step of path) {
      const next = typeof step === 'number' ? node.items : node.properties?.[String(step)];
      if (!next) return [];
      node = next;
    }
    return [node, ...(node.anyOf ?? [])].flatMap(({ properties }) => Object.keys(properties ?? {}));
  };
}
