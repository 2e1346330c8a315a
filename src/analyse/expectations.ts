import type { Assertion, Expectation } from '../experiment/expectation.ts';
import { unitOf } from '../experiment/expected-value.ts';
import type { CallRole, Quantity } from '../experiment/quantity.ts';
import { cellOf } from '../store/reader.ts';
import type { SyscallMedians } from './counts.ts';
import { relativeHalfWidth } from './interval.ts';
import type { CellSummary } from './summary.ts';

/** What expectations are judged by. */
export interface Findings {
  readonly summaries: readonly CellSummary[];
  /** Of all roles together. */
  readonly syscalls: SyscallMedians;
  readonly syscallsOf: (role: CallRole) => SyscallMedians;
  /** Whether it is known of every kernel that the sweep was traced on that it has no such call. */
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

/** A cell that an expectation concerns and that does not fulfil it. */
export interface Miss {
  readonly cell: CellSummary['cell'];
  /** What was found instead, for people. */
  readonly found: string;
}

export interface Judgement {
  readonly expectation: string;
  /** Cells that it concerns. */
  readonly cells: number;
  readonly misses: readonly Miss[];
}

/** A cell of which nothing is known that could be judged does not fulfil an expectation. */
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
    const { quantity, operator, value } = assertion;
    return holds(found, operator, value) ? undefined : shownAs(quantity, found);
  }
  const { operation, state } = assertion;
  const share = stateShare(operation, state, summary, findings);
  if (share === undefined) return nothingOf(state, findings);
  if (share > 0 === assertion.present) return undefined;
  return share === 0 ? 'never seen' : `seen in ${shown(100 * share)}%`;
}

/** @returns undefined where nothing is known */
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
      // A kernel without the call says nothing by not making it.
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

/** Why there is no share of a state. A kernel that does not have it says nothing about it. */
function nothingOf(state: string, { stateBits }: Findings): string {
  const isKnown = stateBits.some(({ name }) => name === state);
  return isKnown ? 'nothing was traced' : `this kernel has no state ${state}`;
}

/** @returns undefined where nothing was traced, or where the kernel has no such state */
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

/** With the unit that an expectation of it has. */
function shownAs(quantity: Quantity, value: number): string {
  switch (unitOf(quantity)) {
    case 'bytes/s':
      return `${shown(value / 1024 ** 2)}MiB/s`;
    case 'share':
      return `${shown(100 * value)}%`;
    case 'count':
      return shown(value);
  }
}

function shown(value: number): string {
  return String(Number(value.toPrecision(4)));
}
