import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  Lexer,
  type Node,
  type Pair,
  Parser,
  parseDocument,
  visit,
  type YAMLError,
  type YAMLMap,
} from 'yaml';
import { formatPath, type Problem } from './problems.ts';

export const YAML_LIMITS = { characters: 256 * 1024, depth: 16, aliases: 100 } as const;

export interface YamlSource {
  /** The document as plain JavaScript values. Numbers in a surprising notation are NaN. */
  readonly value: unknown;
  /** What YAML allows and a spec doesn't; the values could be read all the same. */
  readonly problems: readonly Problem[];
  /** Where the value (or the key) at a path stands; the nearest parent when it isn't there. */
  locate(path: readonly PropertyKey[], part: 'key' | 'value'): { offset: number; length: number };
  /** The value at a path in the file's own words, or undefined when nothing stands there. */
  written(path: readonly PropertyKey[]): string | undefined;
}

export type YamlResult =
  | { readonly state: 'ok'; readonly source: YamlSource }
  | { readonly state: 'broken'; readonly problems: readonly Problem[] };

/** Reads YAML 1.2 (core schema) into plain values, refusing what a spec has no use for. */
export function readYaml(text: string): YamlResult {
  if (text.length > YAML_LIMITS.characters) {
    return broken(`the file is too long: expected at most ${YAML_LIMITS.characters} characters`);
  }
  const deep = tooDeepAt(text);
  if (deep !== undefined) {
    return broken(`nested too deeply: expected at most ${YAML_LIMITS.depth} levels`, deep);
  }
  const document = parseDocument(text, {
    prettyErrors: false,
    // Looked for below: the library compares every key with every other one.
    uniqueKeys: false,
    merge: false,
    // Named here, so that a %YAML directive cannot choose another one.
    schema: 'core',
    resolveKnownTags: false,
    logLevel: 'error',
  });
  if (document.errors.length > 0) {
    return {
      state: 'broken',
      problems: document.errors.map((error) => yamlProblem(error, text)),
    };
  }
  if (document.contents === null || isEmptyScalar(document.contents)) {
    return broken('the spec is empty: expected at least `name:`; `ipc-sweep init` writes one');
  }
  const inspected = inspect(document);
  if (inspected.aliases > YAML_LIMITS.aliases) return broken(TOO_MANY_ALIASES);
  const problems = [
    ...document.warnings.map((warning) => yamlProblem(warning, text)),
    ...inspected.problems,
  ];
  try {
    const value: unknown = document.toJS({ maxAliasCount: YAML_LIMITS.aliases });
    return { state: 'ok', source: { value, problems, ...placesOf(document, text) } };
  } catch (error) {
    // An alias without its anchor, or aliases of aliases that multiply.
    if (!(error instanceof ReferenceError)) throw error;
    const bomb = error.message.startsWith('Excessive');
    return broken(bomb ? TOO_MANY_ALIASES : `YAML: ${error.message}`);
  }
}

const TOO_MANY_ALIASES = `too many aliases: expected at most ${YAML_LIMITS.aliases}`;

function broken(message: string, offset = 0): YamlResult {
  return { state: 'broken', problems: [{ path: '', message, offset, length: 1 }] };
}

/**
 * Composing a document recurses, and a deep one ends the process without an exception; the
 * parser keeps a stack of its own, which can be watched.
 */
function tooDeepAt(text: string): number | undefined {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    for (const _ of parser.next(lexeme));
    // The document and a scalar are on the stack too.
    if (parser.stack.length > YAML_LIMITS.depth + 2) return parser.offset;
  }
  return undefined;
}

function yamlProblem({ code, message, pos }: YAMLError, text: string): Problem {
  return {
    path: '',
    message: `YAML: ${mend(code, message, text, pos[0])}`,
    offset: pos[0],
    length: Math.max(1, pos[1] - pos[0]),
  };
}

/** Some of the library's words are hard to act on. */
function mend(code: YAMLError['code'], message: string, text: string, offset: number): string {
  if (code === 'MULTIPLE_DOCS') return 'expected one document; here begins a second one';
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1;
  const indent = /^[ \t]*/.exec(text.slice(lineStart, lineStart + 200))?.[0] ?? '';
  return indent.includes('\t') ? `${message} (indent with blanks, not with tabs)` : message;
}

function isEmptyScalar(node: unknown): boolean {
  return isScalar(node) && (node.value === null || node.value === undefined) && !node.source;
}

function inspect(document: Document): { aliases: number; problems: Problem[] } {
  const problems: Problem[] = [];
  let aliases = 0;
  visit(document, {
    Alias() {
      aliases++;
    },
    Map(_key, map, path) {
      problems.push(...keyProblems(map, keysOf([...path, map])));
    },
    Scalar(_key, node) {
      // 1e3, 0x10 and 010 are numbers to YAML and surprises to a reader of sizes. No check of
      // the schema lets NaN pass, and its message shows what stands in the file.
      if (typeof node.value === 'number' && !/^(0|-?[1-9]\d*)$/.test(node.source ?? '')) {
        node.value = Number.NaN;
      }
    },
  });
  return { aliases, problems };
}

function keyProblems(map: YAMLMap, path: readonly PropertyKey[]): Problem[] {
  const seen = new Set<string>();
  const problems: Problem[] = [];
  const report = (key: Node, message: string) => {
    const [start, end] = key.range ?? [0, 1];
    problems.push({
      path: formatPath(path),
      message,
      offset: start,
      length: Math.max(1, end - start),
    });
  };
  for (const { key } of map.items) {
    if (!isScalar(key) || typeof key.value !== 'string') {
      if (isNode(key)) report(key, 'expected a word as key');
    } else if (seen.has(key.value)) {
      report(key, `the key ${JSON.stringify(key.value)} stands here twice`);
    } else seen.add(key.value);
  }
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

function placesOf(document: Document, text: string): Pick<YamlSource, 'locate' | 'written'> {
  /** As far as the document goes along a path. */
  const follow = (path: readonly PropertyKey[]) => {
    let node: unknown = document.contents;
    let pair: Pair | undefined;
    let found = 0;
    for (const step of path) {
      const target = isAlias(node) ? node.resolve(document) : node;
      let next: unknown;
      let nextPair: Pair | undefined;
      if (isMap(target)) {
        // The last one: of keys that stand twice, it is the one that was read.
        nextPair = target.items.findLast(
          ({ key }) => isScalar(key) && String(key.value ?? '') === step,
        );
        next = nextPair?.value ?? nextPair?.key;
      } else if (isSeq(target) && typeof step === 'number') {
        next = target.items[step];
      }
      if (next === undefined) break;
      node = next;
      pair = nextPair;
      found++;
    }
    return { node, pair, whole: found === path.length };
  };
  return {
    locate(path, part) {
      const { node, pair } = follow(path);
      const chosen = part === 'key' && pair ? pair.key : node;
      const range = isNode(chosen) ? chosen.range : undefined;
      if (!range) return { offset: 0, length: 1 };
      const firstLine = text.slice(range[0], range[1]).split('\n')[0] ?? '';
      return { offset: range[0], length: Math.max(1, firstLine.trimEnd().length) };
    },
    written(path) {
      const { node, pair, whole } = follow(path);
      if (!whole) return undefined;
      if (isEmptyScalar(node) || (pair && pair.value === null)) return 'nothing';
      if (isCollection(node) && !node.flow) return isMap(node) ? 'a mapping' : 'a list';
      const range = isNode(node) ? node.range : undefined;
      return range ? text.slice(range[0], range[1]).trim().replace(/\s+/g, ' ') : 'nothing';
    },
  };
}
