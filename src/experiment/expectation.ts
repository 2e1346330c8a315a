import { PIPE_STATES } from '../host/kernel/pipe-states.ts';
import { SYSTEM_CALLS } from '../host/kernel/system-calls.ts';
import type { OuterAxisName } from './axes.ts';
import type { Cell } from './cell.ts';
import { readExpectedValue, type Unit } from './expected-value.ts';
import {
  BANDWIDTH_FIELDS,
  OPERATORS,
  type Operator,
  type Quantity,
  ROLES,
  RUN_FIELDS,
  STATE_OPERATIONS,
  type StateOperation,
} from './quantity.ts';
import { nearest } from './suggest.ts';
import { type Broken, compileWhere } from './where.ts';

const SUBJECTS = ['bandwidth', 'probe_effect', 'pipe_states', 'runs', 'syscalls'] as const;

export type Assertion =
  | {
      readonly kind: 'compare';
      readonly quantity: Quantity;
      readonly operator: Operator;
      readonly value: number;
      /** The unit in which the value was written. */
      readonly unit: Unit;
    }
  | {
      readonly kind: 'state';
      readonly operation: StateOperation;
      readonly state: string;
      /** False if no operation may have found it. */
      readonly present: boolean;
    };

/** A statement that must be true of every cell that `concerns` picks. */
export interface Expectation {
  readonly text: string;
  readonly assertion: Assertion;
  readonly concerns: (cell: Cell) => boolean;
  /** The axes that the condition after `when` uses and that not every matrix has. */
  readonly asks: readonly OuterAxisName[];
}

export type ExpectationResult =
  | { readonly state: 'ok'; readonly expectation: Expectation }
  | Broken;

export const EXPECTATION_EXPECTED =
  'an expectation such as "bandwidth.cv < 10%" or "pipe_states.read has DIRECTW when buffer_size >= 8192"';

/** Reads `ASSERTION` or `ASSERTION when CONDITION`; CONDITION is written as in `matrix.where`. */
export function parseExpectation(text: string): ExpectationResult {
  const match = /^\s*(.*?)(?:\s+when\s+(.+?))?\s*$/ds.exec(text);
  const [, left = '', condition] = match ?? [];
  const assertion = parseAssertion(left);
  if (isBroken(assertion)) {
    return moved(assertion, match?.indices?.[1]?.[0] ?? 0);
  }
  if (condition === undefined) {
    return { state: 'ok', expectation: { text, assertion, concerns: () => true, asks: [] } };
  }
  const compiled = compileWhere(condition);
  if (compiled.state === 'broken') return moved(compiled, match?.indices?.[2]?.[0] ?? 0);
  const { keeps: concerns, asks } = compiled;
  return { state: 'ok', expectation: { text, assertion, concerns, asks } };
}

/** Moves the place of an error by the offset at which the faulty part begins in the text. */
function moved(broken: Broken, by: number): Broken {
  const { place } = broken;
  return place ? { ...broken, place: { ...place, at: place.at + by } } : broken;
}

/** The words and signs that people write instead of an operator. */
const MEANT: Readonly<Record<string, Operator>> = {
  '=': '==',
  '===': '==',
  '=<': '<=',
  '=>': '>=',
  '<>': '!=',
};

function parseAssertion(text: string): Assertion | Broken {
  const has = /^pipe_states\.([a-z-]+)\s+has\s+(no\s+)?([A-Za-z]\w*)$/d.exec(text);
  if (has) {
    const [, on, no, written = ''] = has;
    const operation = STATE_OPERATIONS.find((name) => name === on);
    if (!operation) return misfit(`pipe_states of ${STATE_OPERATIONS.join(', ')}`);
    const state = stateName(written);
    const unknown = unknownState(state);
    if (unknown !== undefined) {
      return misfit(unknown, { at: has.indices?.[3]?.[0] ?? 0, length: written.length });
    }
    return { kind: 'state', operation, state, present: no === undefined };
  }
  const compare = /^([A-Za-z_][\w.-]*)\s*([<>=!]+)\s*(\S.*)$/d.exec(text);
  if (!compare) return misfit(EXPECTATION_EXPECTED);
  const [, name = '', written = '', operand = ''] = compare;
  const at = (group: number) => ({
    at: compare.indices?.[group]?.[0] ?? 0,
    length: compare[group]?.length ?? 1,
  });
  const operator = OPERATORS.find((it) => it === written);
  if (!operator) {
    const meant = MEANT[written];
    const known = meant === undefined ? `one of ${OPERATORS.join(', ')}` : meant;
    return misfit(`${known} instead of ${written}`, at(2));
  }
  const quantity = parseQuantity(name);
  if (typeof quantity === 'string') return misfit(quantity, at(1));
  const expected = readExpectedValue(quantity, operator, operand);
  if (typeof expected === 'string') return misfit(expected, at(3));
  return { kind: 'compare', quantity, operator, ...expected };
}

function isBroken(read: Assertion | Broken): read is Broken {
  return 'expected' in read;
}

function misfit(expected: string, place?: Broken['place']): Broken {
  return { state: 'broken', expected, ...(place && { place }) };
}

function parseQuantity(name: string): Quantity | string {
  const [subject, ...rest] = name.split('.');
  const field = rest.join('.');
  switch (subject) {
    case 'bandwidth': {
      const known = BANDWIDTH_FIELDS.find((it) => it === field);
      return known ? { kind: 'bandwidth', field: known } : fieldsOf(subject, BANDWIDTH_FIELDS);
    }
    case 'runs': {
      const known = RUN_FIELDS.find((it) => it === field);
      return known ? { kind: 'runs', field: known } : fieldsOf(subject, RUN_FIELDS);
    }
    case 'probe_effect':
      return field === '' ? { kind: 'probe-effect' } : 'probe_effect without a field';
    case 'syscalls':
      return parseCall(rest);
    case 'pipe_states': {
      const [operation, written, ...more] = rest;
      const known = STATE_OPERATIONS.find((it) => it === operation);
      if (known && written && more.length === 0) {
        const state = stateName(written);
        return unknownState(state) ?? { kind: 'state-share', operation: known, state };
      }
      return 'a state of an operation, such as pipe_states.read.EMPTY';
    }
    default: {
      const near = nearest(subject ?? '', SUBJECTS);
      return near === undefined ? `one of ${SUBJECTS.join(', ')}` : `${near} instead of ${subject}`;
    }
  }
}

function parseCall(parts: readonly string[]): Quantity | string {
  const [first = '', second, ...more] = parts;
  if (more.length > 0 || first === '' || second === '') {
    return 'the name of a system call, such as syscalls.read or syscalls.sender.write';
  }
  const name = second ?? first;
  const role = second === undefined ? undefined : ROLES.find((it) => it === first);
  if (second !== undefined && role === undefined) {
    return `one of ${ROLES.join(', ')} instead of ${first}`;
  }
  // A call that has no name in the tracer's tables is counted under its number.
  if (SYSTEM_CALLS.has(name) || /^\d{1,5}$/.test(name)) return { kind: 'syscalls', name, role };
  if (second === undefined && ROLES.some((it) => it === name)) {
    return `a system call of the ${name}, such as syscalls.${name}.read`;
  }
  const near = nearest(name, [...SYSTEM_CALLS]);
  return near === undefined
    ? `a system call of Linux or FreeBSD instead of ${name}`
    : `${near} instead of ${name}, which is no system call of Linux or FreeBSD`;
}

function fieldsOf(subject: string, fields: readonly string[]): string {
  return `one of ${fields.map((field) => `${subject}.${field}`).join(', ')}`;
}

/**
 * Words what would fit instead of a state that no kernel has, which would always be absent.
 * @returns undefined for a state that a kernel has
 */
function unknownState(name: string): string | undefined {
  if (PIPE_STATES.includes(name)) return undefined;
  const near = nearest(name, PIPE_STATES);
  return near === undefined
    ? `a pipe state instead of ${name}: one of ${PIPE_STATES.join(', ')}`
    : `${near} instead of ${name}, which is no pipe state of Linux or FreeBSD`;
}

/** The kernel's own prefix is optional. */
function stateName(written: string): string {
  return written.replace(/^PIPE_/, '');
}
