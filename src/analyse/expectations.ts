import { valueOn } from '../experiment/cell.ts';
import type { Assertion, Expectation } from '../experiment/expectation.ts';
import { PERCENT, type Unit } from '../experiment/expected-value.ts';
import type { CallRole, Quantity } from '../experiment/quantity.ts';
import { WhereError } from '../experiment/where.ts';
import { cellOf } from '../store/reader.ts';
import type { SyscallMedians } from './counts.ts';
import { relativeHalfWidth } from './interval.ts';
import type { CellSummary } from './summary.ts';

/** The measurements of a sweep by which expectations are judged. */
export interface Evidence {
  readonly summaries: readonly CellSummary[];
  /** Calls of all roles together. */
  readonly syscalls: SyscallMedians;
  readonly syscallsOf: (role: CallRole) => SyscallMedians;
  /** Whether every kernel that the sweep was traced on is known to lack such a call. */
  readonly noKernelHas: (call: string) => boolean;
  readonly pipeStates: readonly {
    readonly cell: number;
    readonly operation: string;
    readonly state: number;
    readonly count: number;
  }[];
  /** Names of the bits of a state, as they were when the sweep was run. */
  readonly stateBits: readonly { readonly bit: number; readonly name: string }[];
}

/** A cell that an expectation concerns and that does not meet it. */
export interface Miss {
  readonly cell: CellSummary['cell'];
  /** The finding that contradicts it, in words. */
  readonly found: string;
}

export interface Judgement {
  readonly expectation: string;
  /** The number of cells that it concerns. */
  readonly cells: number;
  readonly misses: readonly Miss[];
}

/** Why a cell cannot be judged. */
export type Unknown =
  | 'no-runs'
  | 'too-few-runs'
  | 'no-controls'
  | 'no-instrument'
  | 'no-such-role'
  | 'not-in-kernel'
  | 'no-condition';

/** The judgement of an expectation in one cell that it concerns. */
export type CellJudgement = {
  readonly cell: CellSummary['cell'];
  /** The measured value in the unit of the expectation, or what is missing, in words. */
  readonly shown: string;
} & (
  | {
      readonly state: 'met' | 'missed';
      /** The value in the unit that {@link measuredIn} names. */
      readonly measured: number;
    }
  | { readonly state: 'unknown'; readonly because: Unknown }
);

/** Judges expectations. A cell about which nothing relevant is known does not meet one. */
export function judgeExpectations(
  expectations: readonly Expectation[],
  evidence: Evidence,
): readonly Judgement[] {
  return expectations.map((expectation) => {
    const found = judgeCells(expectation, evidence);
    const misses = found
      .filter(({ state }) => state !== 'met')
      .map(({ cell, shown }) => ({ cell, found: shown }));
    return { expectation: expectation.text, cells: found.length, misses };
  });
}

/**
 * Judges an expectation in every cell that it concerns. A cell without a host or a program of its
 * own is not concerned by a condition about hosts or programs.
 */
export function judgeCells(
  { assertion, asks, concerns }: Expectation,
  evidence: Evidence,
): readonly CellJudgement[] {
  return evidence.summaries.flatMap((summary): readonly CellJudgement[] => {
    const { cell } = summary;
    const point = cellOf(cell);
    try {
      if (asks.some((axis) => valueOn(point, axis) === '') || !concerns(point)) return [];
    } catch (error) {
      // The cells of another spec may have sizes that the condition cannot be computed for.
      if (!(error instanceof WhereError)) throw error;
      return [{ cell, state: 'unknown', because: 'no-condition', shown: error.message }];
    }
    return [{ cell, ...judgeCell(assertion, summary, evidence) }];
  });
}

/** The unit of the values that an expectation is judged by. */
export function measuredIn(assertion: Assertion): string {
  if (assertion.kind === 'state') return 'share';
  const { quantity } = assertion;
  switch (quantity.kind) {
    case 'runs':
      return 'runs';
    case 'probe-effect':
      return 'ratio';
    case 'syscalls':
      return 'calls';
    case 'state-share':
      return 'share';
    case 'bandwidth':
      if (quantity.field === 'n') return 'runs';
      return quantity.field === 'cv' || quantity.field === 'relative_ci' ? 'share' : 'bytes/s';
  }
}

type JudgementWithoutCell =
  | { readonly state: 'met' | 'missed'; readonly measured: number; readonly shown: string }
  | { readonly state: 'unknown'; readonly because: Unknown; readonly shown: string };

function judgeCell(
  assertion: Assertion,
  summary: CellSummary,
  evidence: Evidence,
): JudgementWithoutCell {
  if (assertion.kind === 'compare') {
    const found = measured(assertion.quantity, summary, evidence);
    if (found === undefined) {
      return { state: 'unknown', ...whyNothing(assertion.quantity, summary, evidence) };
    }
    const { operator, value, unit } = assertion;
    const state = holds(found, operator, value) ? 'met' : 'missed';
    return { state, measured: found, shown: textInUnit(unit, found) };
  }
  const { operation, state: name, present } = assertion;
  const share = stateShare(operation, name, summary, evidence);
  if (share === undefined) return { state: 'unknown', ...nothingOf(name, evidence) };
  return {
    state: share > 0 === present ? 'met' : 'missed',
    measured: share,
    shown: share === 0 ? 'never seen' : `seen in ${textInUnit(PERCENT, share)}`,
  };
}

/** @returns undefined if nothing is known */
function measured(
  quantity: Quantity,
  summary: CellSummary,
  evidence: Evidence,
): number | undefined {
  switch (quantity.kind) {
    case 'runs':
      return summary[quantity.field];
    case 'probe-effect':
      return summary.probeEffect?.ratio?.ratio;
    case 'syscalls': {
      const { role, name } = quantity;
      const { byCell, names } = role === undefined ? evidence.syscalls : evidence.syscallsOf(role);
      const own = byCell.get(summary.cell.cell);
      const at = names.indexOf(name);
      if (at >= 0) return own?.medians[at];
      // If the kernel does not have the call, not making it says nothing.
      return own && !evidence.noKernelHas(name) ? 0 : undefined;
    }
    case 'state-share':
      return stateShare(quantity.operation, quantity.state, summary, evidence);
    case 'bandwidth': {
      const { bandwidth } = summary;
      switch (quantity.field) {
        case 'n':
          return bandwidth?.n ?? 0;
        case 'ci_low':
          return bandwidth?.interval?.low;
        case 'ci_high':
          return bandwidth?.interval?.high;
        case 'relative_ci':
          return bandwidth?.interval && relativeHalfWidth(bandwidth.median, bandwidth.interval);
        default:
          return bandwidth?.[quantity.field];
      }
    }
  }
}

interface Nothing {
  readonly because: Unknown;
  readonly shown: string;
}

function whyNothing(quantity: Quantity, summary: CellSummary, evidence: Evidence): Nothing {
  if (quantity.kind === 'state-share') return nothingOf(quantity.state, evidence);
  const unmeasured = 'nothing was measured';
  if (quantity.kind !== 'syscalls') {
    const { bandwidth, probeEffect } = summary;
    const controls = quantity.kind !== 'probe-effect' || probeEffect !== undefined;
    if (!controls) return { because: 'no-controls', shown: unmeasured };
    return { because: bandwidth ? 'too-few-runs' : 'no-runs', shown: unmeasured };
  }
  if (!evidence.syscalls.byCell.has(summary.cell.cell)) {
    return { because: 'no-instrument', shown: unmeasured };
  }
  const { name, role } = quantity;
  return evidence.noKernelHas(name)
    ? { because: 'not-in-kernel', shown: `this kernel has no system call ${name}` }
    : { because: 'no-such-role', shown: `nothing was counted for the role ${role}` };
}

/** Explains why there is no share of a state. A kernel without the state says nothing about it. */
function nothingOf(state: string, { stateBits }: Evidence): Nothing {
  const isKnown = stateBits.some(({ name }) => name === state);
  return isKnown
    ? { because: 'no-instrument', shown: 'nothing was traced' }
    : { because: 'not-in-kernel', shown: `this kernel has no state ${state}` };
}

/** @returns undefined if nothing was traced, or if the kernel has no such state */
function stateShare(
  operation: string,
  name: string,
  { cell }: CellSummary,
  { pipeStates, stateBits }: Evidence,
): number | undefined {
  const mask = stateBits.find((bit) => bit.name === name)?.bit;
  const own = pipeStates.filter((row) => row.cell === cell.cell && row.operation === operation);
  if (mask === undefined || own.length === 0) return undefined;
  const count = (rows: typeof own) => rows.reduce((sum, row) => sum + row.count, 0);
  return count(own.filter(({ state }) => (state & mask) !== 0)) / count(own);
}

function holds(found: number, operator: string, value: number): boolean {
  switch (operator) {
    case '<':
      return found < value;
    case '<=':
      return found <= value;
    case '>':
      return found > value;
    case '>=':
      return found >= value;
    case '==':
      return found === value;
    default:
      return found !== value;
  }
}

/** The value in the unit in which the expectation was written. */
function textInUnit({ suffix, size }: Unit, value: number): string {
  return `${Number((value / size).toPrecision(4))}${suffix}`;
}
