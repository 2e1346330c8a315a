import type { CountRow, CountTable, Operation, Role } from '../../instruments/instrument.ts';
import { COUNT_TABLES, type CountRows } from '../../instruments/instruments.ts';
import type { ChannelCalls, Conduct, OtherCalls, PipeEvent, RunCounts } from '../counts.ts';
import type { TraceEvent } from './events.ts';

/** The number of events to keep of one run. */
export const EVENT_LIMIT = 100_000;

type Happened = Extract<TraceEvent, { kind: 'pipe-event' }>;
type Asked = Extract<TraceEvent, { kind: 'asked' }>;
type Counted = Extract<TraceEvent, { kind: 'count' | 'other-call' }>;

/**
 * Sums what a tracer prints about one run. A tracer may print a count in parts, and may print
 * counts of processes that do not belong to the run, so everything stays keyed by pid until the
 * run's root is known. Counts with an image other than the root's last one are left out.
 */
export class Tally {
  readonly #counts = new Map<string, { event: Counted; count: number }>();
  /** Parents by image (0 if there are none) and pid. A child of an ended root has several. */
  readonly #parents = new Map<number, Map<number, Set<number>>>();
  readonly #images = new Map<number, number>();
  /** The processes that have ended, by image. */
  readonly #ended = new Map<number, Set<number>>();
  readonly #threads = new Map<number, Set<number>>();
  readonly #asked: Asked[] = [];
  readonly #events: Happened[] = [];
  readonly #sum: (known: number, count: number) => number;
  #eventsLeftOut = 0;

  readonly #tables: readonly CountTable[];

  /**
   * @param counts `parts` are to be added up; `totals` only grow, so the greatest is the last
   * @param tables everything that is counted
   */
  constructor(counts: 'parts' | 'totals' = 'parts', tables = COUNT_TABLES) {
    this.#tables = tables;
    this.#sum = counts === 'totals' ? Math.max : (known, count) => known + count;
  }

  /** The number of events that came after the limit. */
  get eventsLeftOut(): number {
    return this.#eventsLeftOut;
  }

  add(event: TraceEvent): void {
    if (event.kind === 'pipe-event') {
      if (this.#events.length < EVENT_LIMIT) this.#events.push(event);
      else this.#eventsLeftOut++;
      return;
    }
    if (event.kind === 'asked') this.#addAsked(event);
    const image = event.image ?? 0;
    if (event.kind === 'start') {
      this.#images.set(event.pid, Math.max(this.#images.get(event.pid) ?? 0, image));
    }
    if (event.kind === 'exit') setIn(this.#ended, image).add(event.pid);
    if ('thread' in event && event.thread) setIn(this.#threads, image).add(event.pid);
    if (event.kind === 'child') {
      const parents = this.#parents.get(image) ?? new Map<number, Set<number>>();
      this.#parents.set(image, parents);
      setIn(parents, event.pid).add(event.parent);
    }
    if (event.kind !== 'count' && event.kind !== 'other-call') return;
    const key = keyOf(event);
    const known = this.#counts.get(key);
    // A garbled count must not produce a sum that is no whole number, which no database accepts.
    if (known) known.count = Math.min(this.#sum(known.count, event.count), Number.MAX_SAFE_INTEGER);
    else this.#counts.set(key, { event, count: event.count });
  }

  /** The root and its descendants, processes and threads, that have not been seen to end. */
  livingOf(rootPid: number): readonly number[] {
    const ended = this.#ended.get(this.#imageOf(rootPid));
    // Check the root first: this is asked often while the ends of thousands are read.
    if (!ended?.has(rootPid)) return [rootPid];
    return this.descendantsOf(rootPid).filter((pid) => !ended.has(pid));
  }

  /** The root's descendants: processes, and threads where they are known. */
  descendantsOf(rootPid: number): readonly number[] {
    const childrenOf = new Map<number, number[]>();
    for (const [pid, parents] of this.#parents.get(this.#imageOf(rootPid)) ?? []) {
      for (const parent of parents) {
        const children = childrenOf.get(parent);
        if (children) children.push(pid);
        else childrenOf.set(parent, [pid]);
      }
    }
    const found = new Set([rootPid]);
    for (const pid of found) for (const child of childrenOf.get(pid) ?? []) found.add(child);
    found.delete(rootPid);
    return [...found];
  }

  /** The counts of the run's root and its children, in a fixed order; all others are left out. */
  countsOf(rootPid: number, mode: '2proc' | '2thread'): RunCounts {
    const rows = new Map<string, CountRow[]>(this.#tables.map(({ name }) => [name, []]));
    const otherCalls: OtherCalls[] = [];
    const calls: ChannelCalls[] = [];
    for (const { event, count, role } of this.#byRole(rootPid, mode)) {
      if (event.kind === 'other-call') {
        otherCalls.push({ role, syscall: event.syscall, count });
        continue;
      }
      const table = this.#tables.find(({ name }) => name === event.table);
      if (!table) continue;
      addRow(rows.get(table.name)!, rowOf(table, { keys: event.keys, count, role }));
      const [operation, bytes] = event.keys;
      const { channel, cut } = event;
      if (channel === undefined || cut === undefined || Number(bytes) <= 0) continue;
      calls.push({ operation: operation as Operation, channel, bytes: Number(bytes), cut, count });
    }
    const asked = this.#asked
      .filter((event) => this.#roleOf(event, rootPid, mode) !== undefined)
      .map(({ operation, atMost }) => ({ operation, bytes: atMost }));
    const conduct: Conduct = { children: this.#processesOf(rootPid), calls, asked, otherCalls };
    const events = this.#eventsOf(rootPid, mode);
    return { ...(Object.fromEntries(rows) as unknown as CountRows), events, conduct };
  }

  #addAsked(event: Asked): void {
    const at = this.#asked.findIndex(
      ({ pid, image, operation }) =>
        pid === event.pid && image === event.image && operation === event.operation,
    );
    if (at === -1) this.#asked.push(event);
    else if (event.atMost > this.#asked[at]!.atMost) this.#asked[at] = event;
  }

  #imageOf(rootPid: number): number {
    return this.#images.get(rootPid) ?? 0;
  }

  #processesOf(rootPid: number): number {
    const threads = this.#threads.get(this.#imageOf(rootPid));
    return this.descendantsOf(rootPid).filter((pid) => !threads?.has(pid)).length;
  }

  /** Sorts the events, because lines from several processors may come out of order. */
  #eventsOf(rootPid: number, mode: '2proc' | '2thread'): readonly PipeEvent[] {
    const own = this.#events.flatMap((event) => {
      const role = this.#roleOf(event, rootPid, mode);
      return role === undefined ? [] : [{ ...event, role }];
    });
    own.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
    const began = own[0]?.at ?? 0n;
    // An event a hundred days from the first one has a garbled clock, and counts as lost.
    return own
      .map(({ at, role, operation, state }) => ({
        atNs: Number(at - began),
        role,
        operation,
        state,
      }))
      .filter(({ atNs }) => Number.isSafeInteger(atNs));
  }

  /** Adds counts up by role: with several iterations, several senders' counts become one row. */
  #byRole(
    rootPid: number,
    mode: '2proc' | '2thread',
  ): readonly { event: Counted; count: number; role: Role }[] {
    const rows = new Map<string, { event: Counted; count: number; role: Role }>();
    for (const { event, count } of this.#counts.values()) {
      const role = this.#roleOf(event, rootPid, mode);
      if (role === undefined) continue;
      const key = `${role} ${keyOf({ ...event, pid: 0, image: 0 })}`;
      const row = rows.get(key);
      if (row) row.count = Math.min(row.count + count, Number.MAX_SAFE_INTEGER);
      else rows.set(key, { event, count, role });
    }
    return [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  }

  #roleOf(of: Process, rootPid: number, mode: '2proc' | '2thread'): Role | undefined {
    if ((of.image ?? 0) !== this.#imageOf(rootPid)) return undefined;
    if (of.pid === rootPid) return mode === '2thread' ? 'both' : 'receiver';
    if (
      !this.#parents
        .get(of.image ?? 0)
        ?.get(of.pid)
        ?.has(rootPid)
    )
      return undefined;
    return mode === '2thread' ? 'both' : 'sender';
  }
}

interface Process {
  readonly pid: number;
  readonly image?: number | undefined;
}

/** Returns the set under a key, and makes it if there is none. */
function setIn(sets: Map<number, Set<number>>, key: number): Set<number> {
  const set = sets.get(key) ?? new Set<number>();
  sets.set(key, set);
  return set;
}

function rowOf(
  { keys: names }: CountTable,
  { role, keys, count }: Pick<CountRow, 'role' | 'count'> & { keys: readonly (string | number)[] },
): CountRow {
  return { role, ...Object.fromEntries(names.map(({ name }, at) => [name, keys[at]!])), count };
}

/** Adds a row to others that are in order: those of one size differ in what the checks look at. */
function addRow(rows: CountRow[], row: CountRow): void {
  const last = rows.at(-1);
  const isSame = last && Object.keys(row).every((key) => key === 'count' || last[key] === row[key]);
  if (!isSame) rows.push(row);
  else {
    const count = Math.min(last.count + row.count, Number.MAX_SAFE_INTEGER);
    rows[rows.length - 1] = { ...row, count };
  }
}

/** Returns a key in which numbers are padded, so that sorting by text sorts by number. */
function keyOf(event: Counted): string {
  const digits = (value: number) => String(value).padStart(16, '0');
  const padded = (value: number) =>
    value < 0 ? `-${digits(Number.MAX_SAFE_INTEGER + value)}` : `0${digits(value)}`;
  const pid = `${padded(event.pid)} ${padded(event.image ?? 0)}`;
  if (event.kind === 'other-call') return `${event.kind} ${pid} ${event.syscall}`;
  const keys = event.keys.map((key) => (typeof key === 'number' ? padded(key) : key));
  return [event.table, pid, ...keys, event.channel ?? '', event.cut ?? ''].join(' ');
}
