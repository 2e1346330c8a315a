import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
  visit,
} from 'yaml';
import { formatPath, type Problem } from './problems.ts';

export const YAML_LIMITS = { characters: 1024 * 1024, depth: 16, aliases: 100 } as const;

export interface YamlSource {
  /** The document as plain JavaScript values. */
  readonly value: unknown;
  /** Where the value (or the key) at a path stands; the nearest parent when it isn't there. */
  locate(path: readonly PropertyKey[], part: 'key' | 'value'): { offset: number; length: number };
}

export type YamlResult =
  | { readonly state: 'ok'; readonly source: YamlSource }
  | { readonly state: 'broken'; readonly problems: readonly Problem[] };

/** Reads YAML 1.2 (core schema) into plain values, refusing what a spec has no use for. */
export function readYaml(text: string): YamlResult {
  if (text.length > YAML_LIMITS.characters) {
    return broken(`the file is too long: expected at most ${YAML_LIMITS.characters} characters`);
  }
  const document = parseDocument(text, { prettyErrors: false, uniqueKeys: true, merge: false });
  const problems = [...document.errors, ...document.warnings].map(
    (error): Problem => ({
      path: '',
      message: `YAML: ${mend(error.message, text, error.pos[0])}`,
      offset: error.pos[0],
      length: Math.max(1, error.pos[1] - error.pos[0]),
    }),
  );
  if (problems.length > 0) return { state: 'broken', problems };
  if (document.contents === null || isEmptyScalar(document.contents)) {
    return broken('the spec is empty: expected at least `name:`; `ipc-sweep init` writes one');
  }
  const structural = structuralProblems(document);
  if (structural.length > 0) return { state: 'broken', problems: structural };
  try {
    const value: unknown = document.toJS({ maxAliasCount: YAML_LIMITS.aliases });
    return { state: 'ok', source: { value, locate: locator(document, text) } };
  } catch (error) {
    if (error instanceof ReferenceError) {
      return broken(`too many aliases: expected at most ${YAML_LIMITS.aliases}`);
    }
    throw error;
  }
}

function broken(message: string): YamlResult {
  return { state: 'broken', problems: [{ path: '', message, offset: 0, length: 1 }] };
}

/** The parser's words for a tab are hard to act on. */
function mend(message: string, text: string, offset: number): string {
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1;
  const indent = /^[ \t]*/.exec(text.slice(lineStart, lineStart + 200))?.[0] ?? '';
  return indent.includes('\t') ? `${message} (indent with blanks, not with tabs)` : message;
}

function isEmptyScalar(node: unknown): boolean {
  return isScalar(node) && (node.value === null || node.value === undefined) && !node.source;
}

function structuralProblems(document: Document): Problem[] {
  const problems: Problem[] = [];
  const report = (node: Node, path: readonly unknown[], message: string) => {
    const [start, end] = node.range ?? [0, 1];
    problems.push({
      path: formatPath(keysOf(path)),
      message,
      offset: start,
      length: Math.max(1, end - start),
    });
  };
  let aliases = 0;
  visit(document, {
    Node(_key, node, path) {
      const depth = path.filter((ancestor) => isMap(ancestor) || isSeq(ancestor)).length;
      if (depth > YAML_LIMITS.depth) {
        report(node, path, `nested too deeply: expected at most ${YAML_LIMITS.depth} levels`);
        return visit.BREAK;
      }
      if (isAlias(node) && ++aliases > YAML_LIMITS.aliases) {
        report(node, path, `too many aliases: expected at most ${YAML_LIMITS.aliases}`);
        return visit.BREAK;
      }
      // 1e3 and 0x10 are numbers to YAML and surprises to a reader of sizes.
      if (isScalar(node) && typeof node.value === 'number' && !/^-?\d+$/.test(node.source ?? '')) {
        report(
          node,
          [...path, node],
          `expected a whole decimal number (or a size such as 4KiB), got ${node.source}`,
        );
      }
      return undefined;
    },
  });
  return problems;
}

/** The keys and indexes on the way down a chain of ancestors. */
function keysOf(chain: readonly unknown[]): PropertyKey[] {
  const keys: PropertyKey[] = [];
  chain.forEach((ancestor, at) => {
    const child = chain[at + 1];
    if (isPair(ancestor)) keys.push(String(isScalar(ancestor.key) ? ancestor.key.value : ''));
    else if (isSeq(ancestor) && child !== undefined) keys.push(ancestor.items.indexOf(child));
  });
  return keys;
}

function locator(document: Document, text: string): YamlSource['locate'] {
  return (path, part) => {
    let node: unknown = document.contents;
    let pair: Pair | undefined;
    for (const step of path) {
      const target = isAlias(node) ? node.resolve(document) : node;
      let next: unknown;
      let nextPair: Pair | undefined;
      if (isMap(target)) {
        nextPair = target.items.find((item) => isScalar(item.key) && item.key.value === step);
        next = nextPair?.value ?? nextPair?.key;
      } else if (isSeq(target) && typeof step === 'number') {
        next = target.items[step];
      }
      if (next === undefined) break;
      node = next;
      pair = nextPair;
    }
    const chosen = part === 'key' && pair ? pair.key : node;
    const range = isNode(chosen) ? chosen.range : undefined;
    if (!range) return { offset: 0, length: 1 };
    const firstLine = text.slice(range[0], range[1]).split('\n')[0] ?? '';
    return { offset: range[0], length: Math.max(1, firstLine.trimEnd().length) };
  };
}
