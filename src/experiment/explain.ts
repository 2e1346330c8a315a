import type { z } from 'zod';
import { clip, type FoundProblems, firstOf, formatPath, type Problem } from './problems.ts';
import { type KnownKeys, keyHint, nearest } from './suggest.ts';
import type { YamlSource } from './yaml-source.ts';

type Issue = z.core.$ZodIssue;

/** Turns the schema's issues into problems with places, expectations and suggestions. */
export function explainIssues(
  issues: readonly Issue[],
  source: YamlSource,
  known: KnownKeys,
): FoundProblems {
  return firstOf([...misfits(issues, [])], (misfit) => explain(misfit, source, known));
}

/** The cause of one problem: an issue, or one of the keys that it names. */
interface Misfit {
  readonly issue: Issue;
  readonly path: readonly PropertyKey[];
  readonly unknownKey?: string;
}

function* misfits(issues: readonly Issue[], parent: readonly PropertyKey[]): Generator<Misfit> {
  for (const issue of issues) {
    const path = [...parent, ...issue.path];
    const branch = issue.code === 'invalid_union' ? mostTelling(issue.errors) : undefined;
    if (branch) yield* misfits(branch, path);
    else if (issue.code === 'unrecognized_keys') {
      for (const unknownKey of issue.keys) yield { issue, path, unknownKey };
    } else yield { issue, path };
  }
}

function explain(
  { issue, path, unknownKey }: Misfit,
  source: YamlSource,
  known: KnownKeys,
): Problem {
  if (unknownKey !== undefined) {
    const own = [...path, unknownKey];
    return {
      path: formatPath(own),
      message: `unknown key ${JSON.stringify(clip(unknownKey, 60))}; ${keyHint(path, unknownKey, known)}`,
      ...source.locate(own, 'key'),
    };
  }
  if (issue.code === 'invalid_key') {
    const [fault] = issue.issues;
    const key = JSON.stringify(clip(String(path.at(-1)), 60));
    return {
      path: formatPath(path),
      message: `expected ${fault?.message ?? issue.message}, got ${key}`,
      ...source.locate(path, 'key'),
    };
  }
  const expected = isOwnWords(issue.message) ? issue.message : wordsFor(issue);
  const written = source.written(path);
  const near = written === undefined ? undefined : nearest(unquoted(written), wordsOf(issue));
  const meant = near === undefined ? '' : `; did you mean ${near}?`;
  const message =
    written === undefined
      ? `missing: expected ${expected}`
      : `expected ${expected}, got ${clip(written, 60)}${meant}`;
  const inside = placeOf(issue);
  const place =
    (inside && source.locateWithin(path, inside.at, inside.length)) ?? source.locate(path, 'value');
  return { path: formatPath(path), message, ...place };
}

/** Finds the part of a text that does not fit according to the text's own reader. */
function placeOf(issue: Issue): { readonly at: number; readonly length: number } | undefined {
  if (issue.code !== 'custom') return undefined;
  return issue.params?.place as { at: number; length: number } | undefined;
}

/**
 * A union reports every branch. The branch that got furthest into the value shows what the writer
 * meant; if none got anywhere, the union's own sentence is the answer.
 */
function mostTelling(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const reached = branches
    .filter((issues) => issues.length > 0)
    .map((issues) => ({
      issues,
      depth: issues.reduce((most, it) => Math.max(most, depthOf(it)), 0),
    }))
    .filter(({ depth }) => depth > 0)
    .sort((a, b) => b.depth - a.depth);
  return reached[0]?.issues;
}

function depthOf(issue: Issue): number {
  // An unknown key, a failed refinement or a list of the wrong length means the shape was right.
  const shape =
    issue.code === 'unrecognized_keys' ||
    (issue.code === 'custom' && !issue.path.length) ||
    ((issue.code === 'too_big' || issue.code === 'too_small') && issue.origin === 'array');
  const inner =
    issue.code === 'invalid_union'
      ? issue.errors.flat().reduce((most, it) => Math.max(most, depthOf(it)), 0)
      : shape
        ? 1
        : 0;
  return issue.path.length + inner;
}

/** Lists the words that would have been right, from all branches. */
function wordsOf(issue: Issue): readonly string[] {
  if (issue.code === 'invalid_value') return issue.values.map(String);
  return issue.code === 'invalid_union' ? issue.errors.flat().flatMap(wordsOf) : [];
}

function unquoted(written: string): string {
  return written.replace(/^(['"])(.*)\1$/, '$2');
}

/** The schema's own sentences never begin like the library's default messages. */
function isOwnWords(message: string): boolean {
  return !/^(Invalid|Too|Unrecognized)\b/.test(message);
}

function wordsFor(issue: Issue): string {
  if (issue.code === 'invalid_type') {
    return issue.expected === 'object' ? 'a mapping of keys to values' : `a ${issue.expected}`;
  }
  return issue.message.toLowerCase();
}
