import { isMisprinted, withRightEdges } from '../bpftrace/histograms.ts';
import { type Aggregation, readScript } from './d-script.ts';
import {
  type Aggregate,
  keepUnread,
  type ScriptEvent,
  type ScriptOutput,
} from './script-output.ts';

/**
 * What `bpftrace -f json -B line` printed: one object a line. With the script, functions and the
 * number of keys are known; without it a map's function is '' and keys are cut at every comma.
 * Maps print what they hold so far: one printed twice comes twice. Lines that are no objects
 * (what the traced command printed) are among the unread.
 */
export function readBpftraceJson(output: string, script = ''): ScriptOutput {
  const aggregates: Aggregate[] = [];
  const events: ScriptEvent[] = [];
  const unread: string[] = [];
  const lost: string[] = [];
  const known = new Map(readScript(script).aggregations.map((map) => [map.name, map]));
  for (const line of output.split('\n')) {
    if (line.trim() === '') continue;
    const { type, data } = parse(line);
    if (type === 'attached_probes') continue;
    if (type === 'lost_events') {
      keepUnread(lost, line);
      continue;
    }
    if (typeof type === 'string' && TEXTS.has(type)) {
      const text = typeof data === 'string' ? data.trim() : written(data);
      if (text !== '') events.push({ probe: '', cpu: null, text });
    } else if (typeof type === 'string' && MAPS.has(type) && isRecord(data)) {
      for (const [name, value] of Object.entries(data)) {
        const map = known.get(nameOf(name));
        for (const [keys, leaf] of leavesOf(value, type, map?.keys.length)) {
          const rows = rowsOf(nameOf(name), keys, leaf, type, map);
          if (Array.isArray(leaf) && leaf.length > 0 && isMisprinted(bucketsOf(leaf))) {
            keepUnread(lost, `${name}: bpftrace cannot print an lhist() with edges beyond 2^31`);
          }
          aggregates.push(...rows);
          if (rows.length > 0 || (type === 'hist' && Array.isArray(leaf))) continue;
          const text = `${name}[${keys.join()}]: ${written(leaf)}`;
          events.push({ probe: '', cpu: null, text });
        }
      }
    } else {
      keepUnread(unread, line);
    }
  }
  return { aggregates, events, lost, unread };
}

const TEXTS: ReadonlySet<string> = new Set(['printf', 'time', 'join', 'syscall', 'cat', 'value']);
const MAPS: ReadonlySet<string> = new Set(['map', 'hist', 'stats']);
const STATS: readonly (readonly [string, string])[] = [
  ['count', 'count'],
  ['average', 'avg'],
  ['total', 'sum'],
];

/** `@` alone is a map like any other; it gets the name that dtrace gives its own. */
function nameOf(map: string): string {
  return map.replace(/^@/, '') || '_';
}

/** A map without keys is its value; a map of `stats` may look like one with keys. */
function leavesOf(
  value: unknown,
  type: string,
  keyCount: number | undefined,
): readonly (readonly [readonly string[], unknown])[] {
  if (!isRecord(value) || (type === 'stats' && isStats(value))) return [[[], value]];
  return Object.entries(value).map(([key, leaf]) => [keysOf(key, keyCount), leaf]);
}

/** Keys come joined by commas, and texts may hold some: then they stay one key. */
function keysOf(joined: string, keyCount: number | undefined): readonly string[] {
  if (keyCount === 1) return [stackless(joined)];
  const keys = joined.split(',').map(stackless);
  return keyCount === undefined || keys.length === keyCount ? keys : [joined];
}

/** A stack comes as lines, indented, with a newline around them. */
function stackless(key: string): string {
  if (!key.startsWith('\n')) return key;
  return key
    .trim()
    .split(/\s*\n\s*/)
    .join(' < ');
}

function rowsOf(
  name: string,
  keys: readonly string[],
  leaf: unknown,
  type: string,
  map: Aggregation | undefined,
): readonly Aggregate[] {
  if (type === 'hist') return Array.isArray(leaf) ? bucketRows(name, keys, leaf, map) : [];
  const row = (called: string, value: unknown): readonly Aggregate[] =>
    typeof value === 'number'
      ? [{ name, keys, function: called, bucketFrom: null, bucketTo: null, value }]
      : [];
  if (isRecord(leaf)) return STATS.flatMap(([member, called]) => row(called, leaf[member]));
  return row(map?.function ?? (type === 'stats' ? 'avg' : ''), leaf);
}

function bucketRows(
  name: string,
  keys: readonly string[],
  buckets: readonly unknown[],
  map: Aggregation | undefined,
): readonly Aggregate[] {
  const read = bucketsOf(buckets);
  const called = map?.function ?? kindOf(read);
  return read.flatMap(({ from, to, count }) =>
    count === 0
      ? []
      : [{ name, keys, function: called, bucketFrom: from, bucketTo: to, value: count }],
  );
}

function bucketsOf(buckets: readonly unknown[]) {
  return buckets.filter(isRecord).map(({ min, max, count }) =>
    withRightEdges({
      from: typeof min === 'number' ? min : null,
      to: typeof max === 'number' ? max : null,
      count: typeof count === 'number' ? count : 0,
    }),
  );
}

/** hist() doubles its buckets and lhist() does not; one bucket alone may be either's. */
function kindOf(
  buckets: readonly { readonly from: number | null; readonly to: number | null }[],
): string {
  const sizes = buckets.flatMap(({ from, to }) =>
    from === null || to === null ? [] : [{ from, size: to - from + 1 }],
  );
  const doubles = sizes.every(({ from, size }) =>
    from === 0 ? size === 1 : size === from && Number.isInteger(Math.log2(from)),
  );
  if (!doubles) return 'lhist';
  return sizes.length > 2 ? 'hist' : '';
}

function isStats(value: Readonly<Record<string, unknown>>): boolean {
  return STATS.every(([member]) => typeof value[member] === 'number');
}

/** JSON again; what is nested too deep to be written was never a script's value. */
function written(data: unknown): string {
  try {
    return JSON.stringify(data) ?? '';
  } catch {
    return '';
  }
}

function parse(line: string): { readonly type?: unknown; readonly data?: unknown } {
  if (!line.startsWith('{')) return {};
  try {
    const message: unknown = JSON.parse(line);
    return isRecord(message) ? message : {};
  } catch {
    return {};
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
