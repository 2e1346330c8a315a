import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { UserError } from '../errors.ts';
import type { Cell } from './cell.ts';
import { explainIssues } from './explain.ts';
import { expandMatrix, type LeftOut } from './matrix.ts';
import { drawProblems, formatPath, type Problem } from './problems.ts';
import {
  type ExperimentDocument,
  experimentSchema,
  LIMITS,
  publishedJsonSchema,
} from './schema.ts';
import { readYaml, YAML_LIMITS, type YamlSource } from './yaml-source.ts';

/** A spec that was read, checked and expanded. */
export interface Experiment {
  /** Absolute path of the file, and its text as it was read. */
  readonly file: string;
  readonly text: string;
  readonly document: ExperimentDocument;
  /** Absolute path of the benchmark, or `bundled`. */
  readonly program: string;
  readonly cells: readonly Cell[];
  readonly leftOut: readonly LeftOut[];
}

/** @throws UserError naming every problem with its place in the file */
export function loadExperiment(path: string, options: { allowLarge: boolean }): Experiment {
  return parseExperiment(path, readSpecFile(path), options);
}

/** As {@link loadExperiment}, for a text that is already at hand. */
export function parseExperiment(
  path: string,
  text: string,
  options: { allowLarge: boolean },
): Experiment {
  const fail = (problems: readonly Problem[]): never => {
    throw new UserError(drawProblems(path, text, problems), {
      hint: 'docs/spec.md explains every key; `ipc-sweep init` writes a commented example',
    });
  };
  const yaml = readYaml(text);
  if (yaml.state === 'broken') return fail(yaml.problems);
  const parsed = experimentSchema.safeParse(yaml.source.value);
  if (!parsed.success) return fail(explainIssues(parsed.error.issues, yaml.source, knownKeys));

  const document = parsed.data;
  const expanded = expandMatrix(document.matrix, {
    cellLimit: options.allowLarge ? LIMITS.cellsAtMost : LIMITS.cells,
  });
  if (expanded.state === 'too-many') {
    throw new UserError(
      `${path}: the matrix has ${expanded.cells} cells; the limit is ${
        options.allowLarge ? LIMITS.cellsAtMost : LIMITS.cells
      }`,
      { hint: options.allowLarge ? 'narrow an axis' : 'narrow an axis, or pass --allow-large' },
    );
  }
  if (expanded.state === 'broken') {
    return fail(
      expanded.problems.map(({ path: below, message }) => place(yaml.source, below, message)),
    );
  }
  const { cells, leftOut } = expanded.matrix;
  const invalid = leftOut.filter(({ cause }) => cause !== 'excluded' && cause !== 'where');
  if (document.invalid_cells === 'error' && invalid.length > 0) {
    const reasons = invalid.slice(0, 10).map(({ reason }) => reason);
    return fail([
      place(
        yaml.source,
        [],
        `${invalid.length} cells cannot run (invalid_cells: error): ${reasons.join('; ')}`,
      ),
    ]);
  }
  if (cells.length === 0) {
    const why = leftOut[0] ? `; the first was left out because ${leftOut[0].reason}` : '';
    return fail([place(yaml.source, [], `the matrix has no cell to run${why}`)]);
  }
  const { program } = document.benchmark;
  return {
    file: resolve(path),
    text,
    document,
    program: program === 'bundled' ? program : resolve(dirname(path), program),
    cells,
    leftOut,
  };
}

function place(source: YamlSource, below: readonly PropertyKey[], message: string): Problem {
  const path = ['matrix', ...below];
  return { path: formatPath(path), message, ...source.locate(path, 'value') };
}

function readSpecFile(path: string): string {
  let bytes: Buffer;
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) {
      throw new UserError(`${path} is a directory; expected a YAML file`, {
        hint: `name a file in it, such as ${path.replace(/\/$/, '')}/quickstart.yaml`,
      });
    }
    if (stat.size > 4 * YAML_LIMITS.characters) {
      throw new UserError(`${path} has ${stat.size} bytes; a spec has at most 4 MiB`);
    }
    bytes = readFileSync(path);
  } catch (error) {
    if (error instanceof UserError) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    const reason = code === 'ENOENT' ? 'there is no such file' : (error as Error).message;
    throw new UserError(`cannot read the spec ${path}: ${reason}`, {
      hint: '`ipc-sweep init FILE` writes a commented spec',
    });
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UserError(`${path}:${firstBrokenLine(bytes)}: the file is not valid UTF-8`, {
      hint: 'save it as UTF-8; `iconv -f latin1 -t utf-8` converts an older file',
    });
  }
}

function firstBrokenLine(bytes: Buffer): number {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let start = 0;
  for (let line = 1; ; line++) {
    const end = bytes.indexOf(0x0a, start);
    try {
      decoder.decode(bytes.subarray(start, end === -1 ? bytes.length : end));
    } catch {
      return line;
    }
    if (end === -1) return line;
    start = end + 1;
  }
}

/** The keys that the schema knows at a path, read from the published JSON Schema. */
function knownKeys(path: readonly PropertyKey[]): readonly string[] {
  let node = publishedJsonSchema() as JsonSchemaNode;
  for (const step of path) {
    const next = typeof step === 'number' ? node.items : node.properties?.[String(step)];
    if (!next) return [];
    node = next;
  }
  const branches = [node, ...(node.anyOf ?? [])];
  return branches.flatMap((branch) => Object.keys(branch.properties ?? {}));
}

interface JsonSchemaNode {
  properties?: Record<string, JsonSchemaNode>;
  items?: JsonSchemaNode;
  anyOf?: JsonSchemaNode[];
}
