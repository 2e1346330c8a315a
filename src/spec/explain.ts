import { closest, distance } from 'fastest-levenshtein';
import type { z } from 'zod';
import { formatPath, type Problem } from './problems.ts';
import type { YamlSource } from './yaml-source.ts';

type Issue = z.core.$ZodIssue;

/** Turns what the schema found into problems with places, expectations and suggestions. */
export function explainIssues(
  issues: readonly Issue[],
  source: YamlSource,
  known: (path: readonly PropertyKey[]) => readonly string[],
): Problem[] {
  return issues.flatMap((issue) => explainOne(issue, [], source, known));
}

function explainOne(
  issue: Issue,
  parent: readonly PropertyKey[],
  source: YamlSource,
  known: (path: readonly PropertyKey[]) => readonly string[],
): Problem[] {
  const path = [...parent, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownKey([...path, key], source, known(path)));
  }
  if (issue.code === 'invalid_union') {
    const branch = mostTelling(issue.errors);
    if (branch) return branch.flatMap((inner) => explainOne(inner, path, source, known));
  }
  const value = valueAt(source.value, path);
  const expected = issue.code === 'invalid_type' && value === undefined ? 'a value' : '';
  const text = isOwnWords(issue.message) ? issue.message : wordsFor(issue);
  const message =
    value === undefined && path.length > 0
      ? `missing: expected ${text || expected}`
      : `expected ${text}, got ${show(value)}`;
  return [{ path: formatPath(path), message, ...source.locate(path, 'value') }];
}

/**
 * A union reports every branch. The one that got furthest into the value says what the writer
 * meant; when none got anywhere, the union's own sentence is the answer.
 */
function mostTelling(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const reached = branches
    .filter((issues) => issues.length > 0)
    .map((issues) => ({ issues, depth: Math.max(...issues.map(depthOf)) }))
    .filter(({ depth }) => depth > 0)
    .sort((a, b) => b.depth - a.depth);
  return reached[0]?.issues;
}

function depthOf(issue: Issue): number {
  // An unknown key or a failed refinement of an object means that the shape was right.
  const shape =
    issue.code === 'unrecognized_keys' || (issue.code === 'custom' && !issue.path.length);
  const inner =
    issue.code === 'invalid_union'
      ? Math.max(0, ...issue.errors.flat().map(depthOf))
      : shape
        ? 1
        : 0;
  return issue.path.length + inner;
}

function unknownKey(
  path: readonly PropertyKey[],
  source: YamlSource,
  siblings: readonly string[],
): Problem {
  const key = String(path.at(-1));
  const near = siblings.length > 0 ? closest(key, [...siblings]) : undefined;
  const close = near !== undefined && distance(key, near) <= Math.max(2, near.length / 3);
  const hint = MOVED.get(key) ?? (close ? `did you mean ${near}?` : list(siblings));
  return {
    path: formatPath(path),
    message: `unknown key ${JSON.stringify(key)}; ${hint}`,
    ...source.locate(path, 'key'),
  };
}

const MOVED: ReadonlyMap<string, string> = new Map(
  [
    'buffer_size',
    'total_size',
    'ipc',
    'mode',
    'socket_buffers',
    'exclude',
    'include',
    'where',
    'zip',
  ]
    .map((key): [string, string] => [key, `it belongs under matrix: (matrix.${key})`])
    .concat([
      ['instruments', 'it belongs under trace: (trace.instruments)'],
      ['tracer', 'it belongs under trace: (trace.tracer)'],
      ['program', 'it belongs under benchmark: (benchmark.program)'],
      ['bare', 'it belongs under benchmark: (benchmark.bare)'],
      ['iterations', 'it belongs under benchmark: (benchmark.iterations)'],
    ]),
);

function list(keys: readonly string[]): string {
  return keys.length > 0 ? `known here: ${keys.join(', ')}` : 'no key fits here';
}

/** The schema's own sentences never begin like the library's defaults. */
function isOwnWords(message: string): boolean {
  return !/^(Invalid|Too|Unrecognized)\b/.test(message);
}

function wordsFor(issue: Issue): string {
  if (issue.code === 'invalid_type') {
    return issue.expected === 'object' ? 'a mapping of keys to values' : `a ${issue.expected}`;
  }
  return issue.message.toLowerCase();
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let current = value;
  for (const step of path) {
    if (current === null || typeof current !== 'object') return undefined;
    current = (current as Record<PropertyKey, unknown>)[step];
  }
  return current;
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
