import type { Doubt } from '../../doubt.ts';
import { aggregatingFunctionOf, bucketsOf } from './buckets.ts';
import { type Aggregation, readScript } from './d-script.ts';
import { isInteger, isNumber } from './integers.ts';
import { isObject, itemsOf, type JsonValue, membersOf, readPartialJson } from './partial-json.ts';
import type { DistributionRow, PrintedDistribution } from './printed-distribution.ts';
import { type Aggregate, EventList, keepUnread, type ScriptOutput } from './script-output.ts';

const FUNCTIONS: ReadonlyMap<string, string> = new Map([
  ['count', 'count'],
  ['sum', 'sum'],
  ['min', 'min'],
  ['max', 'max'],
  ['average', 'avg'],
  ['stddev', 'stddev'],
  ['buckets', ''],
]);
/** These are only kept complete: half of a key or of a distribution would be wrong. */
const WHOLE: ReadonlySet<string> = new Set(['keys', 'buckets', 'stack-frames', 'ustack-frames']);
const OPERATORS: ReadonlySet<unknown> = new Set(['<', '>=']);

/**
 * Reads what FreeBSD's `dtrace --libxo json` printed: aggregations by name, whatever format the
 * script asked for. The document may end anywhere, because a killed dtrace does not close it. With
 * the script, the functions that made buckets are known; without it, they are inferred from the
 * buckets if possible. Drops, which this dtrace reports in the document, become doubts.
 */
export function readDtraceJson(output: string, script = ''): ScriptOutput {
  const aggregates: Aggregate[] = [];
  const events = new EventList();
  const unread: string[] = [];
  const doubts: Doubt[] = [];
  const printings = new Map<string, number>();
  const result = (): ScriptOutput => ({
    aggregates,
    events: events.kept,
    eventsLeftOut: events.leftOut,
    doubts,
    unread,
  });
  const start = output.indexOf('{');
  keepUnread(unread, start === -1 ? output : output.slice(0, start));
  if (start === -1) return result();
  const { value, complete } = readPartialJson(output.slice(start), WHOLE);
  const known = readScript(script).aggregations;
  const [dtrace] = membersOf(value, 'dtrace');
  for (const probe of itemsOf(dtrace, 'probes')) {
    const [drop] = membersOf(probe, 'msg');
    if (typeof drop === 'string' && doubts.length < MOST_DROPS) {
      doubts.push({ code: 'tracer-dropped', message: drop.trim(), suspect: true });
    }
    const records = itemsOf(probe, 'output');
    for (const record of records.filter(isPrinting)) {
      const name = membersOf(record, 'aggregation-name').map(textIn).join();
      const printing = (printings.get(name) ?? 0) + 1;
      printings.set(name, printing);
      for (const row of aggregatesOf(record, printing, known)) aggregates.push(row);
    }
    const text = textOf(records);
    if (text !== '' || !records.some(isPrinting)) {
      if (typeof drop !== 'string') events.add({ ...firingOf(probe), text });
    }
  }
  if (!complete) keepUnread(unread, `cut off: ...${output.slice(-200)}`);
  return result();
}

const MOST_DROPS = 100;

function isPrinting(record: JsonValue): boolean {
  return membersOf(record, 'aggregation-data').length > 0;
}

function firingOf(probe: JsonValue): { readonly probe: string; readonly cpu: number | null } {
  const [name = ''] = membersOf(probe, 'name');
  const [called = ''] = membersOf(probe, 'function');
  const [cpu] = membersOf(probe, 'cpu');
  return {
    probe: name === '' ? '' : `${textIn(called)}:${textIn(name)}`,
    cpu: typeof cpu === 'number' ? cpu : null,
  };
}

/** Returns a printf's message without its arguments, which are repeated after it. */
function textOf(records: readonly JsonValue[]): string {
  const texts: string[] = [];
  let inMessage = false;
  for (const record of records) {
    const [message] = membersOf(record, 'message');
    if (message !== undefined) inMessage = true;
    else if (isPrinting(record)) inMessage = false;
    if (message !== undefined) texts.push(textIn(message));
    else if (!isPrinting(record) && !inMessage) texts.push(`${keyText(record)} `);
  }
  return texts.join('').trim();
}

function aggregatesOf(
  record: JsonValue,
  printing: number,
  known: readonly Aggregation[],
): readonly Aggregate[] {
  const [called] = membersOf(record, 'aggregation-name');
  return itemsOf(record, 'aggregation-data').flatMap((data) => {
    const keys = itemsOf(data, 'keys').map(keyText);
    const members = isObject(data) ? data.members : [];
    const values = members.filter(([key]) => FUNCTIONS.has(key));
    // Several aggregations in one printa() are printed under the first one's name.
    const name = values.length === 1 && typeof called === 'string' ? called : '';
    const place = { name, keys, printing };
    return values.flatMap(([key, value]) => {
      if (key === 'buckets') return bucketRows(place, value, known);
      if (!isNumber(value)) return [];
      const kind = FUNCTIONS.get(key) ?? '';
      return [{ ...place, function: kind, bucketFrom: null, bucketTo: null, value }];
    });
  });
}

function bucketRows(
  place: Pick<Aggregate, 'name' | 'keys' | 'printing'>,
  value: JsonValue,
  known: readonly Aggregation[],
): readonly Aggregate[] {
  const distribution: PrintedDistribution = Array.isArray(value) ? value.flatMap(rowOf) : [];
  const aggregation = known.find((candidate) => candidate.name === place.name);
  const kind = aggregation?.function ?? aggregatingFunctionOf(distribution);
  const step = aggregation?.parameters.length === 2 ? 1n : aggregation?.parameters[2];
  return bucketsOf(distribution, kind, kind === 'lquantize' ? step : undefined).map((bucket) => {
    const { from, to, count } = bucket;
    return { ...place, function: kind, bucketFrom: from, bucketTo: to, value: count };
  });
}

function rowOf(bucket: JsonValue): readonly DistributionRow[] {
  const [label] = membersOf(bucket, 'value');
  const [count] = membersOf(bucket, 'count');
  const [operator] = membersOf(bucket, 'operator');
  if (!isInteger(label) || !isInteger(count)) return [];
  const known = OPERATORS.has(operator) ? (operator as '<' | '>=') : '';
  return [{ operator: known, label: BigInt(label), count: BigInt(count) }];
}

/** `{"value": 1}`, `{"sym": ...}`, `{"stack-frames": [{"symbol": ...}]}` */
function keyText(key: JsonValue): string {
  const [first] = isObject(key) ? key.members : [];
  if (first === undefined) return '';
  const [, value] = first;
  if (!Array.isArray(value)) return textIn(value);
  return value.map((frame) => membersOf(frame, 'symbol').map(textIn).join()).join(' < ');
}

function textIn(value: JsonValue): string {
  return typeof value === 'object' ? '' : String(value);
}
