import type { Doubt } from '../../doubt.ts';
import { isMisprinted, withRightEdges } from '../bpftrace/histograms.ts';
import { type Aggregation, readScript } from './d-script.ts';
import { type Integer, isInteger, isNumber } from './integers.ts';
import { isObject, type JsonValue, membersOf, readPartialJson } from './partial-json.ts';
import {
  type Aggregate,
  EventList,
  keepUnread,
  MAP_KEYS,
  type ScriptOutput,
} from './script-output.ts';

/**
 * Reads what `bpftrace -f json -B line` printed: one object per line. The first line of a script
 * that rode in the session says so, with the number of keys that a map could hold, and its texts
 * have their probes with them (see riding/ridden-lines.ts). With the script, functions
 * and the number of keys are known; without it, a map's function is '' and keys are cut at every
 * comma. Maps print their current contents: one printed twice comes twice, and its printings are
 * numbered. Lines that are not objects (what the traced command printed) are among the unread.
 */
export function readBpftraceJson(output: string, script = ''): ScriptOutput {
  const aggregates: Aggregate[] = [];
  const events = new EventList();
  const unread: string[] = [];
  const troubles = new Troubles();
  const printings = new Map<string, number>();
  const known = new Map(readScript(script).aggregations.map((map) => [map.name, map]));
  // A script for a later bpftrace may set its own limit.
  let mostKeys = /max_map_keys/i.test(script) ? Number.POSITIVE_INFINITY : MAP_KEYS;
  const addText = (text: string, probe: JsonValue = '') => {
    if (text !== '') events.add({ probe: String(probe), cpu: null, text });
  };
  for (const line of output.split('\n')) {
    if (line.trim() === '') continue;
    if (events.isFull && isEventLine(line)) {
      events.leftOut++;
      continue;
    }
    const message = parse(line);
    const [type] = membersOf(message, 'type');
    const [data] = membersOf(message, 'data');
    if (type === 'attached_probes') continue;
    if (type === RODE) {
      const [keys] = membersOf(message, 'map_keys');
      if (typeof keys === 'number') mostKeys = keys;
      continue;
    }
    if (typeof type === 'string' && troubles.take(type, message, data)) continue;
    if (typeof type === 'string' && TEXTS.has(type)) {
      const [probe] = membersOf(message, 'probe');
      addText(
        typeof data === 'string' ? data.trim() : written(data),
        typeof probe === 'string' ? probe : '',
      );
    } else if (typeof type === 'string' && MAPS.has(type) && isObject(data)) {
      for (const [name, value] of data.members) {
        const map = known.get(nameOf(name));
        const printing = (printings.get(name) ?? 0) + 1;
        printings.set(name, printing);
        const before = aggregates.length;
        for (const [keys, leaf] of leavesOf(value, type, map?.keys.length)) {
          const rows = rowsOf({ name: nameOf(name), keys, printing }, leaf, type, map);
          for (const row of rows) aggregates.push(row);
          if (Array.isArray(leaf) && leaf.length > 0 && isMisprinted(bucketsOf(leaf))) {
            troubles.misprinted(name);
          }
          if (rows.length > 0 || (type === 'hist' && Array.isArray(leaf))) continue;
          addText(`${name}[${keys.join()}]: ${written(leaf)}`);
        }
        if (aggregates.length - before >= mostKeys) troubles.full(name);
      }
    } else {
      keepUnread(unread, line);
    }
  }
  const { kept, leftOut } = events;
  return { aggregates, events: kept, eventsLeftOut: leftOut, doubts: troubles.doubts(), unread };
}

/** Tells whether a line of this output is text that the script printed, and not an aggregation. */
export function isEventLine(line: string): boolean {
  return EVENT_LINE.test(line);
}

/** Returns the problem that a line reports, perhaps very often; undefined for other lines. */
export function troubleIn(line: string): string | undefined {
  const type = TROUBLE_LINE.exec(line)?.[1];
  return type && [type, ...(HELPER.exec(line) ?? [])].join(' ');
}

/** The type of the line with which the output of a script begins that rode in the session. */
export const RODE = 'rode';

/** The number of lines to keep of each problem; they are only counted. */
export const TROUBLE_LINES = 1000;

const TEXTS: ReadonlySet<string> = new Set(['printf', 'time', 'join', 'syscall', 'cat', 'value']);
const EVENT_LINE = /^\{"type": "(?:printf|time|join|syscall|cat|value)"/;
const TROUBLE_LINE = /^\{"type": "(lost_events|helper_error|runtime_error)"/;
const HELPER = /"helper": "\w{1,40}", "retcode": -?\d{1,10}/;
const MAPS: ReadonlySet<string> = new Set(['map', 'hist', 'stats']);
const STATS: readonly (readonly [string, string])[] = [
  ['count', 'count'],
  ['average', 'avg'],
  ['total', 'sum'],
];

/** The problems that bpftrace reports; it repeats the same ones, so they are summed up. */
class Troubles {
  #lostLines = 0;
  #lost = 0;
  #refused = 0;
  #full: string | undefined;
  #misprinted: string | undefined;
  readonly #others = new Map<string, number>();

  /** @returns whether the line was about a problem or a possible problem */
  take(type: string, message: JsonValue | undefined, data: JsonValue | undefined): boolean {
    if (type === 'lost_events') {
      this.#lostLines++;
      const [events] = membersOf(data, 'events');
      this.#lost += typeof events === 'number' ? events : 1;
      return true;
    }
    if (type !== 'helper_error' && type !== 'runtime_error') return false;
    const [helper = type] = membersOf(message, 'helper');
    const [code] = membersOf(message, 'retcode');
    // Deleting a key that is not there is harmless: scripts do that without looking.
    if (helper === 'map_delete_elem' && code === ENOENT) return true;
    if (helper === 'map_update_elem') this.#refused++;
    else {
      const said = `${textOf(helper)} failed (${textOf(code ?? null)})`;
      const times = this.#others.get(said) ?? 0;
      if (times > 0 || this.#others.size < MOST_TROUBLES) this.#others.set(said, times + 1);
    }
    return true;
  }

  /** Called for a map that was printed when it could hold no more. */
  full(map: string): void {
    this.#full ??= map;
  }

  /** Called for a histogram whose printing differs from what was counted. */
  misprinted(map: string): void {
    this.#misprinted ??= map;
  }

  doubts(): readonly Doubt[] {
    const doubts: Doubt[] = [];
    if (this.#misprinted !== undefined) {
      const message = `${this.#misprinted}: bpftrace cannot print an lhist() with edges beyond 2^31`;
      doubts.push({ code: 'tracer-dropped', message, suspect: true });
    }
    const atLeast = (lines: number) => (lines < TROUBLE_LINES ? '' : 'at least ');
    if (this.#lost > 0) {
      const message = `bpftrace lost ${atLeast(this.#lostLines)}${this.#lost} events`;
      doubts.push({ code: 'tracer-dropped', message, suspect: true });
    }
    if (this.#refused > 0) {
      const message = `a map was full: ${atLeast(this.#refused)}${this.#refused} times something was not counted; count by fewer keys`;
      doubts.push({ code: 'map-full', message, suspect: true });
    }
    if (this.#refused === 0 && this.#full !== undefined) {
      const message = `the map ${this.#full} is full: what came later may be missing; count by fewer keys`;
      doubts.push({ code: 'map-full', message, suspect: true });
    }
    for (const [said, times] of this.#others) {
      doubts.push({
        code: 'helper-error',
        message: `${said}, ${atLeast(times)}${times} times`,
        suspect: false,
      });
    }
    return doubts;
  }
}

const ENOENT = -2;
const MOST_TROUBLES = 20;

/** `@` alone is a map like any other; it gets the name that dtrace gives to its own. */
function nameOf(map: string): string {
  return map.replace(/^@/, '') || '_';
}

/** A map without keys is just its value; a map of `stats` may look like one with keys. */
function leavesOf(
  value: JsonValue,
  type: string,
  keyCount: number | undefined,
): readonly (readonly [readonly string[], JsonValue])[] {
  if (!isObject(value) || (type === 'stats' && isStats(value))) return [[[], value]];
  return value.members.map(([key, leaf]) => [keysOf(key, keyCount), leaf]);
}

/** Keys come joined by commas, but texts may contain commas: then they stay one key. */
function keysOf(joined: string, keyCount: number | undefined): readonly string[] {
  if (keyCount === 1) return [stackless(joined)];
  const keys = joined.split(',').map(stackless);
  return keyCount === undefined || keys.length === keyCount ? keys : [joined];
}

/** A stack comes as indented lines, with a newline before and after them. */
function stackless(key: string): string {
  if (!key.startsWith('\n')) return key;
  return key
    .trim()
    .split(/\s*\n\s*/)
    .join(' < ');
}

type Place = Pick<Aggregate, 'name' | 'keys' | 'printing'>;

function rowsOf(
  place: Place,
  leaf: JsonValue,
  type: string,
  map: Aggregation | undefined,
): readonly Aggregate[] {
  if (type === 'hist') return Array.isArray(leaf) ? bucketRows(place, leaf, map) : [];
  const row = (called: string, value: JsonValue | undefined): readonly Aggregate[] =>
    isNumber(value)
      ? [{ ...place, function: called, bucketFrom: null, bucketTo: null, value }]
      : [];
  if (isObject(leaf)) {
    return STATS.flatMap(([member, called]) => row(called, membersOf(leaf, member)[0]));
  }
  return row(map?.function ?? (type === 'stats' ? 'avg' : ''), leaf);
}

function bucketRows(
  place: Place,
  buckets: readonly JsonValue[],
  map: Aggregation | undefined,
): readonly Aggregate[] {
  const read = bucketsOf(buckets);
  const called = map?.function ?? kindOf(read);
  return read.flatMap(({ from, to, count }) =>
    count === 0
      ? []
      : [{ ...place, function: called, bucketFrom: from, bucketTo: to, value: count }],
  );
}

function bucketsOf(buckets: readonly JsonValue[]) {
  return buckets.filter(isObject).map((bucket) =>
    withRightEdges({
      from: numberIn(bucket, 'min'),
      to: numberIn(bucket, 'max'),
      count: numberIn(bucket, 'count') ?? 0,
    }),
  );
}

function numberIn(value: JsonValue, member: string): Integer | null {
  const [found] = membersOf(value, member);
  return isNumber(found) ? found : null;
}

/** hist() doubles its buckets and lhist() does not; a single bucket may come from either. */
function kindOf(
  buckets: readonly { readonly from: Integer | null; readonly to: Integer | null }[],
): string {
  const sizes = buckets.flatMap(({ from, to }) =>
    !isInteger(from) || !isInteger(to)
      ? []
      : [{ from: BigInt(from), size: BigInt(to) - BigInt(from) + 1n }],
  );
  const doubles = sizes.every(({ from, size }) =>
    from === 0n ? size === 1n : size === from && (from & (from - 1n)) === 0n,
  );
  if (!doubles) return 'lhist';
  return sizes.length > 2 ? 'hist' : '';
}

function isStats(value: JsonValue): boolean {
  return STATS.every(([member]) => isNumber(membersOf(value, member)[0]));
}

function textOf(value: JsonValue): string {
  return typeof value === 'object' ? written(value) : String(value);
}

/** Writes the value as JSON again, without blanks. */
function written(data: JsonValue | undefined): string {
  if (data === undefined) return '';
  if (typeof data === 'string') return JSON.stringify(data);
  if (Array.isArray(data)) return `[${data.map(written).join(',')}]`;
  if (!isObject(data)) return String(data);
  return `{${data.members.map(([key, value]) => `${JSON.stringify(key)}:${written(value)}`).join(',')}}`;
}

/** Returns undefined for a line that is not an object, was cut off, or has something after it. */
function parse(line: string): JsonValue | undefined {
  if (!line.startsWith('{')) return undefined;
  const { value, complete, rest } = readPartialJson(line, NOTHING);
  return complete && rest.trim() === '' ? value : undefined;
}

const NOTHING: ReadonlySet<string> = new Set();
