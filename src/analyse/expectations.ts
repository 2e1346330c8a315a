import type { Assertion, Expectation } from '../experiment/expectation.ts';
import { PERCENT, type Unit } from '../experiment/expected-value.ts';
import type { CallRole, Quantity } from '../experiment/quantity.ts';
import { cellOf } from '../store/reader.ts';
import type { SyscallMedians } from './counts.ts';
import { relativeHalfWidth } from './interval.ts';
import type { CellSummary } from './summary.ts';

/** The findings by which expectations are judged. */
export interface Findings {
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

/** Judges an expectation. A cell about which nothing relevant is known does not meet it. */
export function judge(
  expectations: readonly Expectation[],
  findings: Findings,
): readonly Judgement[] {
  return expectations.map(({ text, assertion, concerns }) => {
    const concerned = findings.summaries.filter(({ cell }) => concerns(cellOf(cell)));
    const misses = concerned.flatMap((summary): readonly Miss[] => {
      const found = findingAgainst(assertion, summary, findings);
      return found === undefined ? [] : [{ cell: summary.cell, found }];
    });
    return { expectation: text, cells: concerned.length, misses };
  });
}

/** @returns what contradicts the assertion, or undefined */
function findingAgainst(
  assertion: Assertion,
  summary: CellSummary,
  findings: Findings,
): string | undefined {
  if (assertion.kind === 'compare') {
    const found = measured(assertion.quantity, summary, findings);
    if (found === undefined) return whyNothing(assertion.quantity, summary, findings);
    const { operator, value, unit } = assertion;
    return holds(found, operator, value) ? undefined : shownIn(unit, found);
  }
  const { operation, state } = assertion;
  const share = stateShare(operation, state, summary, findings);
  if (share === undefined) return nothingOf(state, findings);
  if (share > 0 === assertion.present) return undefined;
  return share === 0 ? 'never seen' : `seen in ${shownIn(PERCENT, share)}`;
}

/** @returns undefined if nothing is known */
function measured(
  quantity: Quantity,
  summary: CellSummary,
  findings: Findings,
): number | undefined {
  switch (quantity.kind) {
    case 'runs':
      return summary[quantity.field];
    case 'probe-effect':
      return summary.probeEffect?.ratio?.ratio;
    case 'syscalls': {
      const { role, name } = quantity;
      const { byCell, names } = role === undefined ? findings.syscalls : findings.syscallsOf(role);
      const own = byCell.get(summary.cell.cell);
      const at = names.indexOf(name);
      if (at >= 0) return own?.medians[at];
      // If the kernel does not have the call, not making it says nothing.
      return own && !findings.noKernelHas(name) ? 0 : undefined;
    }
    case 'state-share':
      return stateShare(quantity.operation, quantity.state, summary, findings);
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

function whyNothing(quantity: Quantity, { cell }: CellSummary, findings: Findings): string {
  if (quantity.kind === 'state-share') return nothingOf(quantity.state, findings);
  if (quantity.kind !== 'syscalls' || !findings.syscalls.byCell.has(cell.cell)) {
    return 'nothing was measured';
  }
  return findings.noKernelHas(quantity.name)
    ? `this kernel has no system call ${quantity.name}`
    : `nothing was counted of the role ${quantity.role}`;
}

/** Explains why there is no share of a state. A kernel without the state says nothing about it. */
function nothingOf(state: string, { stateBits }: Findings): string {
  const isKnown = stateBits.some(({ name }) => name === state);
  return isKnown ? 'nothing was traced' : `this kernel has no state ${state}`;
}

/** @returns undefined if nothing was traced, or if the kernel has no such state */
function stateShare(
  operation: string,
  name: string,
  { cell }: CellSummary,
  { pipeStates, stateBits }: Findings,
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
function shownIn({ suffix, size }: Unit, value: number): string {
  return `${Number((value / size).toPrecision(4))}${suffix}`;
}
