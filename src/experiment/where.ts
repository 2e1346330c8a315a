import { Environment } from '@marcbachmann/cel-js';
import {
  AXES,
  AXIS,
  AXIS_WORDS,
  type AxisKind,
  type AxisValue,
  OUTER_AXES,
  type OuterAxisName,
} from './axes.ts';
import { type Cell, cellKey, valueOn } from './cell.ts';
import { readCondition, type Slip } from './condition-text.ts';
import { nearest } from './suggest.ts';

export type WhereResult =
  | {
      readonly state: 'ok';
      readonly keeps: (cell: Cell) => boolean;
      /** The axes that it uses and that not every matrix has. */
      readonly asks: readonly OuterAxisName[];
    }
  | Broken;

/** A text that cannot be read. */
export interface Broken {
  readonly state: 'broken';
  /** Completes the sentence "expected ..., got ...". */
  readonly expected: string;
  /** The part of the text that does not fit, if it is known. */
  readonly place?: Pick<Slip, 'at' | 'length'>;
}

/** Thrown when a valid condition fails for some cell, for example because of a division by zero. */
export class WhereError extends Error {}

/**
 * The part of the language whose cost is limited by the length of the condition. Anything else
 * could run for years (nested `all`, a regular expression) or fill the memory (`map`).
 */
const OPERATORS: ReadonlySet<string> = new Set(
  'value id list ?: || && !_ -_ == != < <= > >= + - * / % in'.split(' '),
);
const FUNCTIONS: ReadonlySet<unknown> = new Set(['int', 'double']);

/** The language's type for the values of an axis. */
const TYPES: Readonly<Record<AxisKind, string>> = {
  size: 'int',
  flag: 'bool',
  word: 'string',
  name: 'string',
};

/**
 * Compiles a Common Expression Language condition over the axes. Sizes are integers, so `/` is
 * integer division and `%` works; they may be written with units, such as `4KiB`. Type errors and
 * unknown names are found here. No part of the text is ever evaluated as JavaScript.
 */
export function compileWhere(condition: string): WhereResult {
  const environment = new Environment({
    unlistedVariablesAreDyn: false,
    limits: { maxAstNodes: 1000, maxDepth: 50 },
  });
  for (const axis of AXES) environment.registerVariable(axis, TYPES[AXIS[axis].kind]);
  const read = readCondition(condition);
  if (read.state === 'broken') return broken(read.slip.message, read.slip);
  const placed = (error: unknown) => {
    const { range } = error as { range?: { start: number; end: number } | undefined };
    if (!range) return broken(firstLine(error));
    const [at, end] = [read.writtenAt(range.start), read.writtenAt(range.end)];
    return broken(firstLine(error), { at, length: Math.max(1, end - at) });
  };
  try {
    const program = environment.parse(read.text);
    const foreign = foreignPart(program.ast);
    if (foreign !== undefined) return broken(`${foreign} is not available here`);
    const check = program.check();
    if (!check.valid) return placed(check.error ?? new Error('it does not type-check'));
    if (check.type !== 'bool') {
      return broken(`it gives ${check.type}, not true or false`);
    }
    return {
      state: 'ok',
      asks: OUTER_AXES.filter((axis) => names(program.ast, axis)),
      keeps: (cell) => {
        try {
          return program(namesOf(cell)) === true;
        } catch (error) {
          throw new WhereError(`the condition fails for ${cellKey(cell)}: ${firstLine(error)}`);
        }
      },
    };
  } catch (error) {
    return placed(error);
  }
}

/** @returns the first operator or function of a condition that is not on the lists above */
function foreignPart(node: unknown): string | undefined {
  if (Array.isArray(node)) {
    for (const part of node) {
      const found = foreignPart(part);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (node === null || typeof node !== 'object' || !('op' in node) || !('args' in node)) {
    return undefined;
  }
  const { op, args } = node;
  if (op === 'value') return undefined;
  if (op === 'call' || op === 'rcall') {
    const name = Array.isArray(args) ? args[0] : undefined;
    if (op === 'rcall' || !FUNCTIONS.has(name)) return `${name}()`;
  } else if (!OPERATORS.has(String(op))) return `the operator ${op}`;
  return foreignPart(args);
}

/** Tells whether a variable occurs anywhere in a condition. */
function names(node: unknown, variable: string): boolean {
  if (Array.isArray(node)) return node.some((part) => names(part, variable));
  if (node === null || typeof node !== 'object' || !('op' in node) || !('args' in node)) {
    return false;
  }
  return node.op === 'id' ? node.args === variable : names(node.args, variable);
}

function namesOf(cell: Cell): Readonly<Record<string, bigint | AxisValue>> {
  const values: Record<string, bigint | AxisValue> = {};
  for (const axis of AXES) {
    const value = valueOn(cell, axis);
    values[axis] = typeof value === 'number' ? BigInt(value) : value;
  }
  return values;
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return (text.split('\n')[0] ?? text).replace(/^Unexpected token: EOF$/, 'it ends too early');
}

function broken(detail: string, place?: Pick<Slip, 'at' | 'length'>): Broken {
  const unknown = /^Unknown variable: (\w+)/.exec(detail)?.[1];
  const near = unknown === undefined ? undefined : nearest(unknown, [...AXES, ...AXIS_WORDS]);
  // A word must be in quotes where it is compared with a name.
  const word = near !== undefined && AXIS_WORDS.includes(near) ? `"${near}", in quotes` : near;
  const meant = word === undefined ? '' : `; did you mean ${word}?`;
  return {
    state: 'broken',
    expected: `a condition over ${AXES.join(', ')} (${detail.split('\n')[0]}${meant})`,
    ...(place && { place: { at: place.at, length: place.length } }),
  };
}
