import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  Lexer,
  type Pair,
  Parser,
  parseDocument,
  type Scalar,
  visit,
  type YAMLError,
  type YAMLMap,
} from 'yaml';
import { allOf, type FoundProblems, firstOf, type Place, type Problem } from './problems.ts';

export const YAML_LIMITS = {
  characters: 128 * 1024,
  depth: 16,
  aliases: 100,
  /** The number of values with every alias written out; no file without aliases has as many. */
  values: 128 * 1024,
} as const;

export interface YamlSource {
  /** The document as plain JavaScript values. Numbers in a surprising notation are NaN. */
  readonly value: unknown;
  /** Things that YAML allows but a spec doesn't; the values could still be read. */
  readonly problems: FoundProblems;
  /** Finds the value (or the key) at a path in the text; its nearest parent if it isn't there. */
  locate(path: readonly PropertyKey[], part: 'key' | 'value'): Place;
  /**
   * Finds the place in the file of a part of the text at a path; undefined if that can't be told.
   */
  locateWithin(path: readonly PropertyKey[], at: number, length: number): Place | undefined;
  /** Returns the value at a path as written in the file; undefined if there is nothing. */
  written(path: readonly PropertyKey[]): string | undefined;
}

export type YamlResult =
  | { readonly state: 'ok'; readonly source: YamlSource }
  | { readonly state: 'broken'; readonly problems: FoundProblems };

/** Reads YAML 1.2 (core schema) into plain values, and rejects what a spec has no use for. */
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
    // Checked below instead: the library compares every key with every other one.
    uniqueKeys: false,
    merge: false,
    // Set explicitly, so that a %YAML directive cannot choose another one.
    schema: 'core',
    resolveKnownTags: false,
    logLevel: 'error',
  });
  const complaints = (found: readonly YAMLError[]) =>
    firstOf(found, (error) => yamlProblem(error, text));
  if (document.errors.length > 0) return { state: 'broken', problems: complaints(document.errors) };
  if (document.contents === null || isEmptyScalar(document.contents)) {
    return broken('the spec is empty: expected at least `name:`; `ipc-sweep init` writes one');
  }
  const oddities = inspect(document);
  if (oddities.fatal) return { state: 'broken', problems: allOf([oddities.fatal]) };
  try {
    const value: unknown = document.toJS({ maxAliasCount: YAML_LIMITS.aliases });
    const warnings = complaints(document.warnings);
    const problems = {
      drawn: [...warnings.drawn, ...oddities.problems],
      more: warnings.more,
    };
    return { state: 'ok', source: { value, problems, ...placesOf(document, text) } };
  } catch (error) {
    // This is caused by aliases of aliases, which multiply.
    if (error instanceof ReferenceError) return broken(TOO_MANY_ALIASES);
    throw error;
  }
}

const TOO_MANY_ALIASES = `too many aliases: expected at most ${YAML_LIMITS.aliases}`;
const IN_ITSELF = 'this alias stands inside the value that it repeats';
const TOO_MANY_VALUES = `this alias is one too many: with each alias written out, the spec would hold more than ${YAML_LIMITS.values} values`;

function broken(message: string, offset = 0): YamlResult {
  return { state: 'broken', problems: allOf([{ path: '', message, offset, length: 1 }]) };
}

/**
 * Composing a document is recursive, and a deep one ends the process without an exception. The
 * parser has a stack of its own, whose depth can be checked.
 */
function tooDeepAt(text: string): number | undefined {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    for (const _ of parser.next(lexeme));
    // The document and a scalar are on the stack as well.
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

/** Rewrites some of the library's messages that are hard to act on. */
function mend(code: YAMLError['code'], message: string, text: string, offset: number): string {
  if (code === 'MULTIPLE_DOCS') return 'expected one document; here begins a second one';
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1;
  const indent = /^[ \t]*/.exec(text.slice(lineStart, lineStart + 200))?.[0] ?? '';
  return indent.includes('\t') ? `${message} (indent with blanks, not with tabs)` : message;
}

function isEmptyScalar(node: unknown): boolean {
  return isScalar(node) && (node.value === null || node.value === undefined) && !node.source;
}

function inspect(document: Document): { fatal?: Problem; problems: Problem[] } {
  const problems: Problem[] = [];
  let fatal: Problem | undefined;
  let aliases = 0;
  let writtenOut = 0;
  const valuesIn = valueCounter(document);
  visit(document, {
    Alias(_key, alias) {
      const target = alias.resolve(document);
      if (++aliases > YAML_LIMITS.aliases) fatal = problemAt(alias, TOO_MANY_ALIASES);
      else if (!target) {
        fatal = problemAt(alias, `the anchor &${alias.source} must stand before its alias`);
      } else {
        writtenOut += valuesIn(target);
        if (writtenOut > YAML_LIMITS.values) {
          const inItself = writtenOut === Number.POSITIVE_INFINITY;
          fatal = problemAt(alias, inItself ? IN_ITSELF : TOO_MANY_VALUES);
        }
      }
      return fatal ? visit.BREAK : undefined;
    },
    Map(_key, map) {
      for (const problem of keyProblems(map)) problems.push(problem);
      // Already reported. If kept, such a key would become text and be reported as unknown too.
      map.items = map.items.filter(({ key }) => isWord(key));
    },
    Scalar(_key, node) {
      // YAML reads 1e3, 0x10 and 010 as numbers, which would surprise a reader of sizes; above 2^53
      // numbers are rounded. All checks of the schema reject NaN, and the message shows what is
      // written.
      const { value, source = '' } = node;
      if (typeof value !== 'number') return;
      if (!Number.isSafeInteger(value) || !/^(0|-?[1-9]\d*)$/.test(source)) {
        node.value = Number.NaN;
      }
    },
  });
  return fatal ? { fatal, problems } : { problems };
}

/** Returns a function that counts the values of a node; infinite for one that contains itself. */
function valueCounter(document: Document): (node: unknown) => number {
  const known = new Map<unknown, number>();
  const count = (node: unknown): number => {
    const before = known.get(node);
    if (before !== undefined) return before;
    known.set(node, Number.POSITIVE_INFINITY);
    let values = 1;
    if (isAlias(node)) values = count(node.resolve(document));
    else if (isMap(node)) for (const { value } of node.items) values += count(value);
    else if (isSeq(node)) for (const item of node.items) values += count(item);
    known.set(node, values);
    return values;
  };
  return count;
}

function keyProblems(map: YAMLMap): Problem[] {
  const seen = new Set<string>();
  const problems: Problem[] = [];
  for (const { key } of map.items) {
    if (!isWord(key)) problems.push(problemAt(key, 'expected a word as key'));
    else if (seen.has(key.value)) {
      problems.push(problemAt(key, `the key ${JSON.stringify(key.value)} stands here twice`));
    } else seen.add(key.value);
  }
  return problems;
}

function isWord(key: unknown): key is Scalar<string> {
  return isScalar(key) && typeof key.value === 'string';
}

function problemAt(node: unknown, message: string): Problem {
  const [start, end] = (isNode(node) && node.range) || [0, 1];
  return { path: '', message, offset: start, length: Math.max(1, end - start) };
}

function placesOf(
  document: Document,
  text: string,
): Pick<YamlSource, 'locate' | 'locateWithin' | 'written'> {
  /** Follows a path as far as the document goes. */
  const follow = (path: readonly PropertyKey[]) => {
    let node: unknown = document.contents;
    let pair: Pair | undefined;
    let found = 0;
    for (const step of path) {
      const target = isAlias(node) ? node.resolve(document) : node;
      let next: unknown;
      let nextPair: Pair | undefined;
      if (isMap(target)) {
        // Take the last one: of repeated keys, it is the one that was read.
        nextPair = target.items.findLast(({ key }) => isWord(key) && key.value === step);
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
    locateWithin(path, at, length) {
      const { node, whole } = follow(path);
      if (!whole || !isScalar(node) || typeof node.value !== 'string' || !node.range) {
        return undefined;
      }
      const offset = offsetOf(node.value, at, text, node.range[0]);
      if (offset === undefined) return undefined;
      const line = text.slice(offset, offset + length).split('\n')[0] ?? '';
      return { offset, length: Math.max(1, line.length) };
    },
    written(path) {
      const { node, pair, whole } = follow(path);
      if (!whole) return undefined;
      if (pair && pair.value === null) return 'nothing';
      if (isCollection(node) && !node.flow) return isMap(node) ? 'a mapping' : 'a list';
      const range = isNode(node) ? node.range : undefined;
      const words = range ? text.slice(range[0], range[1]).trim().replace(/\s+/g, ' ') : '';
      return words === '' ? 'nothing' : words;
    },
  };
}

/**
 * Finds the place in the file of a character of a scalar's value. Quotes and the head of a block
 * are skipped. Line breaks and indentation may differ, but nothing else, so it does not work for a
 * text with escapes.
 */
function offsetOf(value: string, at: number, text: string, start: number): number | undefined {
  let offset = start;
  if (/[|>]/.test(text[start] ?? '')) offset = text.indexOf('\n', start) + 1;
  else if (/["']/.test(text[start] ?? '') && text[start] !== value[0]) offset++;
  const skipBlanks = () => {
    while (/\s/.test(text[offset] ?? '')) offset++;
  };
  for (const character of value.slice(0, at).replace(/\s/g, '')) {
    skipBlanks();
    if (!text.startsWith(character, offset)) return undefined;
    offset += character.length;
  }
  // Something missing at the end is missing directly after the last word.
  if (at >= value.trimEnd().length) return offset;
  skipBlanks();
  return value[at] === text[offset] ? offset : undefined;
}
