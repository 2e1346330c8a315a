import type {
  ContextSwitchCount,
  IoLatencyCount,
  IoSizeCount,
  PipeEvent,
  PipeStateCount,
  PipeTransitionCount,
  Role,
  RunCounts,
  SyscallCount,
} from '../counts.ts';
import type { TraceEvent } from './events.ts';

/** Events kept of one run. */
export const EVENT_LIMIT = 100_000;

type Happened = Extract<TraceEvent, { kind: 'pipe-event' }>;
type Counted = Extract<TraceEvent, { count: number; pid: number }>;

/**
 * Sums what a tracer prints about one run. A tracer may print a count in parts, and may print
 * counts of processes that belong to nobody here: everything stays keyed by pid until the
 * run's root is known.
 */
export class Tally {
  readonly #counts = new Map<string, { event: Counted; count: number }>();
  readonly #parentOf = new Map<number, number>();
  readonly #events: Happened[] = [];
  #eventsLeftOut = 0;

  /** Events that came after the limit. */
  get eventsLeftOut(): number {
    return this.#eventsLeftOut;
  }

  add(event: TraceEvent): void {
    if (event.kind === 'pipe-event') {
      if (this.#events.length < EVENT_LIMIT) this.#events.push(event);
      else this.#eventsLeftOut++;
      return;
    }
    // The first parent counts: an orphan is given another.
    if (event.kind === 'child' && !this.#parentOf.has(event.pid)) {
      this.#parentOf.set(event.pid, event.parent);
    }
    if (!('pid' in event && 'count' in event)) return;
    const key = keyOf(event);
    const known = this.#counts.get(key);
    // A garbled count cannot make a sum that is no whole number, and that no database takes.
    if (known) known.count = Math.min(known.count + event.count, Number.MAX_SAFE_INTEGER);
    else this.#counts.set(key, { event, count: event.count });
  }

  /** Processes that are known to be children of this one. */
  childrenOf(pid: number): readonly number[] {
    return [...this.#parentOf].filter(([, parent]) => parent === pid).map(([child]) => child);
  }

  /** The counts of the run's root and its children, in a fixed order; everybody else's are left out. */
  countsOf(rootPid: number, mode: '2proc' | '2thread'): RunCounts {
    const syscalls: SyscallCount[] = [];
    const pipeStates: PipeStateCount[] = [];
    const pipeTransitions: PipeTransitionCount[] = [];
    const ioSizes: IoSizeCount[] = [];
    const contextSwitches: ContextSwitchCount[] = [];
    const ioLatencies: IoLatencyCount[] = [];
    const events = this.#eventsOf(rootPid, mode);
    for (const { event, count, role } of this.#byRole(rootPid, mode)) {
      switch (event.kind) {
        case 'syscall':
          syscalls.push({ role, syscall: event.syscall, count });
          break;
        case 'pipe-state':
          pipeStates.push({ role, operation: event.operation, state: event.state, count });
          break;
        case 'pipe-transition': {
          const { operation, fromState, toState } = event;
          pipeTransitions.push({ role, operation, fromState, toState, count });
          break;
        }
        case 'io-size':
          ioSizes.push({ role, operation: event.operation, bytes: event.bytes, count });
          break;
        case 'context-switch':
          contextSwitches.push({ role, kind: event.switched, count });
          break;
        case 'io-latency':
          ioLatencies.push({ role, operation: event.operation, fromNs: event.fromNs, count });
          break;
      }
    }
    return { syscalls, pipeStates, pipeTransitions, ioSizes, contextSwitches, ioLatencies, events };
  }

  /** Lines from several processors may come out of order. */
  #eventsOf(rootPid: number, mode: '2proc' | '2thread'): readonly PipeEvent[] {
    const own = this.#events.flatMap((event) => {
      const role = this.#roleOf(event.pid, rootPid, mode);
      return role === undefined ? [] : [{ ...event, role }];
    });
    own.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
    const began = own[0]?.at ?? 0n;
    // What lies a hundred days from the first event has a garbled clock, and counts as lost.
    return own
      .map(({ at, role, operation, state }) => ({
        atNs: Number(at - began),
        role,
        operation,
        state,
      }))
      .filter(({ atNs }) => Number.isSafeInteger(atNs));
  }

  /** With several iterations there are several senders: their counts become one row. */
  #byRole(
    rootPid: number,
    mode: '2proc' | '2thread',
  ): readonly { event: Counted; count: number; role: Role }[] {
    const rows = new Map<string, { event: Counted; count: number; role: Role }>();
    for (const { event, count } of this.#counts.values()) {
      const role = this.#roleOf(event.pid, rootPid, mode);
      if (role === undefined) continue;
      const key = `${role} ${keyOf({ ...event, pid: 0 })}`;
      const row = rows.get(key);
      if (row) row.count = Math.min(row.count + count, Number.MAX_SAFE_INTEGER);
      else rows.set(key, { event, count, role });
    }
    return [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  }

  #roleOf(pid: number, rootPid: number, mode: '2proc' | '2thread'): Role | undefined {
    if (pid === rootPid) return mode === '2thread' ? 'both' : 'receiver';
    if (this.#parentOf.get(pid) === rootPid) return mode === '2thread' ? 'both' : 'sender';
    return undefined;
  }
}

/** Numbers are padded so that the text order of keys is the order of the numbers. */
function keyOf(event: Counted): string {
  const digits = (value: number) => String(value).padStart(16, '0');
  const padded = (value: number) =>
    value < 0 ? `-${digits(Number.MAX_SAFE_INTEGER + value)}` : `0${digits(value)}`;
  const pid = padded(event.pid);
  switch (event.kind) {
    case 'syscall':
      return `${event.kind} ${pid} ${event.syscall}`;
    case 'pipe-state':
      return `${event.kind} ${pid} ${event.operation} ${padded(event.state)}`;
    case 'pipe-transition':
      return `${event.kind} ${pid} ${event.operation} ${padded(event.fromState)} ${padded(event.toState)}`;
    case 'io-size':
      return `${event.kind} ${pid} ${event.operation} ${padded(event.bytes)}`;
    case 'context-switch':
      return `${event.kind} ${pid} ${event.switched}`;
    case 'io-latency':
      return `${event.kind} ${pid} ${event.operation} ${padded(event.fromNs)}`;
  }
}
