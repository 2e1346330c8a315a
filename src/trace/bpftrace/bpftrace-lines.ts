import type { CountTable, Key, Operation } from '../../instruments/instrument.ts';
import { COUNT_TABLES } from '../../instruments/instruments.ts';
import { IO_LATENCIES } from '../../instruments/io-latency/instrument.ts';
import type { ChannelKind } from '../counts.ts';
import { countEvent } from '../session/count-event.ts';
import type { LineReader, TraceEvent } from '../session/events.ts';
import { readHelperError } from './helper-errors.ts';
import { LAST_BUCKET } from './histograms.ts';
import { processOf } from './process-number.ts';
import { readStackMap, STACKS, USER_SAMPLES, userSamples } from './stack-map.ts';

/** The number of keys that each map can hold. */
export const MAP_KEYS = 16_384;

interface ReaderOptions {
  readonly names: ReadonlyMap<number, string>;
  readonly readNumber: number;
  readonly writeNumber: number;
  /** Everything that the instruments count. */
  readonly tables?: readonly CountTable[];
}

/** The same numbers as in channel.bt. */
const CHANNELS: Readonly<Record<number, ChannelKind>> = {
  1: 'pipe',
  2: 'local',
  3: 'tcp',
  4: 'socket',
};

/** Reads what our programs print under `bpftrace -f json`: one JSON object a line. */
export function bpftraceLines(options: ReaderOptions): LineReader {
  return (line) => {
    if (line === '') return [];
    const message = parseMessage(line);
    switch (message?.type) {
      case 'printf':
        return typeof message.data === 'string'
          ? [printed(message.data, options)]
          : [unknown(line)];
      case 'map':
        return isRecord(message.data) ? maps(message.data, line, options) : [unknown(line)];
      case 'hist':
        return isRecord(message.data) ? histograms(message.data, line, options) : [unknown(line)];
      case 'lost_events': {
        const lost = isRecord(message.data) ? Number(message.data.events) : Number.NaN;
        return [
          {
            kind: 'lost',
            what: 'events',
            count: Number.isSafeInteger(lost) && lost > 0 ? lost : 1,
          },
        ];
      }
      case 'helper_error':
      case 'runtime_error':
        return readHelperError(message);
      case 'attached_probes':
        return [];
      default:
        return [unknown(line)];
    }
  };
}

function printed(text: string, options: ReaderOptions): TraceEvent {
  const event = /^event (\d{1,19}) (\d{1,16}) (\d{1,10}) (\d{1,10})\n$/.exec(text);
  if (!event) return marker(text);
  const [at, pid, call, state] = event.slice(1) as [string, string, string, string];
  const operation = operationOf(Number(call), options);
  return operation
    ? {
        kind: 'pipe-event',
        ...processOf(Number(pid)),
        at: BigInt(at),
        operation,
        state: Number(state),
      }
    : unknown(text);
}

function marker(text: string): TraceEvent {
  const [word, ...numbers] = text.trimEnd().split(' ');
  const [first, second] = numbers.map((number) =>
    /^\d{1,16}$/.test(number) && Number.isSafeInteger(Number(number)) ? Number(number) : -1,
  );
  if (word === 'ready' && numbers.length === 0) return { kind: 'ready' };
  if (first === undefined || first < 0) return unknown(text);
  if (numbers.length === 1) {
    if (word === 'start' || word === 'foreign' || word === 'end' || word === 'answer') {
      return { kind: word, ...processOf(first) };
    }
  }
  if (numbers.length === 2 && word === 'end' && second !== undefined && second >= 0) {
    const ended = processOf(first);
    return { kind: 'exit', ...ended, thread: ended.pid !== second };
  }
  return unknown(text);
}

function maps(
  data: Readonly<Record<string, unknown>>,
  line: string,
  options: ReaderOptions,
): readonly TraceEvent[] {
  const events: TraceEvent[] = [];
  for (const [name, entries] of Object.entries(data)) {
    if (!isRecord(entries)) return [unknown(line)];
    // A key that finds no room is not stored, so a full map must be treated as one that overflowed.
    if (Object.keys(entries).length >= MAP_KEYS) {
      events.push({ kind: 'full', map: name, keys: MAP_KEYS });
    }
    if (name === STACKS) {
      const isSound = Object.values(entries).every((value) => whole(value) >= 0);
      const read = isSound && Object.keys(data).length === 1 ? readStackMap(line) : undefined;
      if (read === undefined) return [unknown(line)];
      events.push(...read);
      continue;
    }
    for (const [key, value] of Object.entries(entries)) {
      const event = entry(name, key.split(',').map(whole), whole(value), options);
      if (event === undefined) return [unknown(line)];
      events.push(event);
    }
  }
  return events;
}

function entry(
  map: string,
  key: readonly number[],
  count: number,
  options: ReaderOptions,
): TraceEvent | undefined {
  if (!key.every(Number.isSafeInteger) || Number.isNaN(count) || count < 0) return undefined;
  const [number, call] = key as [number, number];
  if (number < 0) return undefined;
  const process = processOf(number);
  if (map === '@children' && key.length === 2 && call >= 0) {
    return { kind: 'child', ...process, parent: processOf(call).pid };
  }
  if (map === '@exits' && key.length === 1 && (count === 1 || count === 2)) {
    return { kind: 'exit', ...process, thread: count === 2 };
  }
  if (map === '@other_calls' && key.length === 2) {
    const syscall = options.names.get(call) ?? String(call);
    return { kind: 'other-call', ...process, syscall, count };
  }
  if (map === '@asked' && key.length === 2) {
    const operation = operationOf(call, options);
    return operation && { kind: 'asked', ...process, operation, atMost: count };
  }
  if (map === USER_SAMPLES) return key.length === 2 ? userSamples(process, call, count) : undefined;
  const table = (options.tables ?? COUNT_TABLES).find(({ name }) => map === `@${name}`);
  return (
    table &&
    countEvent(table, process, key.slice(1), count, {
      value: (of, printed) => keyValue(of, printed, options),
      number: (printed) => printed,
      channels: CHANNELS,
    })
  );
}

function keyValue(key: Key, number: number, options: ReaderOptions): string | number | undefined {
  switch (key.kind) {
    case 'word':
      return key.words[number];
    case 'syscall':
      return options.names.get(number) ?? String(number);
    case 'operation':
    case 'pipe-operation':
      return operationOf(number, options);
    case 'integer':
    case 'pipe-state':
      return number;
    case 'stack':
      return undefined;
  }
}

/**
 * Reads what io-latency printed in version 1, with hist(). Everything below 256 ns is one bucket,
 * as in the D programs. bpftrace 0.17 gives the last bucket, which holds everything from 2^31 on, a
 * negative edge.
 */
function histograms(
  data: Readonly<Record<string, unknown>>,
  line: string,
  options: ReaderOptions,
): readonly TraceEvent[] {
  const events: TraceEvent[] = [];
  const { '@io_latencies': histogramsByKey, ...others } = data;
  if (!isRecord(histogramsByKey) || Object.keys(others).length > 0) return [unknown(line)];
  for (const [key, buckets] of Object.entries(histogramsByKey)) {
    const [pid = Number.NaN, call = Number.NaN, ...rest] = key.split(',').map(whole);
    const operation = operationOf(call, options);
    if (!operation || Number.isNaN(pid) || rest.length > 0 || !Array.isArray(buckets)) {
      return [unknown(line)];
    }
    for (const bucket of buckets as unknown[]) {
      const [min, count] = isRecord(bucket) ? [whole(bucket.min ?? 0), whole(bucket.count)] : [];
      if (min === undefined || count === undefined || !(count >= 0) || Number.isNaN(min)) {
        return [unknown(line)];
      }
      // All buckets between the first and the last are printed, even the empty ones.
      if (count === 0) continue;
      const fromNs = min === -LAST_BUCKET ? LAST_BUCKET : min < 256 ? 0 : min;
      const keys = [operation, fromNs];
      events.push({ kind: 'count', ...processOf(pid), table: IO_LATENCIES.name, keys, count });
    }
  }
  return events;
}

function operationOf(call: number, options: ReaderOptions): Operation | undefined {
  if (call === options.readNumber) return 'read';
  if (call === options.writeNumber) return 'write';
  return undefined;
}

/** Returns a whole number, given as a number or as text; NaN for anything else. */
function whole(value: unknown): number {
  const number = typeof value === 'string' && /^-?\d{1,19}$/.test(value) ? Number(value) : value;
  return Number.isSafeInteger(number) ? (number as number) : Number.NaN;
}

function parseMessage(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const message: unknown = JSON.parse(line);
    return isRecord(message) ? message : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unknown(line: string): TraceEvent {
  return { kind: 'unknown', line: line.slice(0, 500) };
}
