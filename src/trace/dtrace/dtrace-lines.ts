import {
  type CountTable,
  type Key,
  OPERATIONS,
  type Operation,
  PIPE_OPERATIONS,
} from '../../instruments/instrument.ts';
import { COUNT_TABLES } from '../../instruments/instruments.ts';
import { PROFILE } from '../../instruments/profile/instrument.ts';
import type { ChannelKind } from '../counts.ts';
import { countEvent } from '../session/count-event.ts';
import type { LineReader, TraceEvent } from '../session/events.ts';
import { stackRecords } from './stack-records.ts';

/** The values of self->channel in the D programs. */
const CHANNELS: Readonly<Record<number, ChannelKind>> = { 2: 'socket', 3: 'pipe' };

/** A process as the programs print it, `PID.IMAGE`; `PID` alone before there were images. */
interface Process {
  readonly pid: number;
  readonly image?: number;
}

/**
 * Reads what our D programs print: one record per line, words and numbers separated by single
 * blanks; only a stack has a line for each function. Every count names its pid and ppid, so each also tells whose child the pid is.
 * @param names of system calls by number, for programs that print numbers
 * @param tables everything that the instruments count
 */
export function dtraceLines(
  names: ReadonlyMap<number, string>,
  tables: readonly CountTable[] = COUNT_TABLES,
): LineReader {
  const stacks = stackRecords(PROFILE.line);
  const readLine: LineReader = (line) => {
    const joined = stacks(line);
    if (joined?.state === 'within') return [];
    if (joined?.state === 'broken') return [unknown(joined.begun), ...readLine(line)];
    if (joined?.state === 'whole') return readWords(joined.words, joined.words.join(' '));
    return readWords(line.split(' '), line);
  };
  const readWords = (words: readonly string[], line: string): readonly TraceEvent[] => {
    // A quiet dtrace prints empty lines when it starts to end.
    if (line === '') return [];
    const marker = markerOf(words);
    if (marker) return [marker];
    if (words[0] === 'event') return eventOf(words) ?? [unknown(line)];
    const [kind, pidText, ppidText, ...rest] = words;
    const process = processOf(pidText);
    const parent = whole(ppidText);
    const count = whole(rest.pop());
    if (process === undefined || parent === undefined || count === undefined)
      return [unknown(line)];
    if (kind === 'exit' && rest.length === 0) {
      return [
        { kind: 'child', ...process, parent },
        { kind: 'exit', ...process },
      ];
    }
    const table = tables.find(({ line: word }) => word === kind);
    const counted = table
      ? countEvent(table, process, rest, count, {
          value: (key, word) => keyValue(key, word, names),
          number: signed,
          channels: CHANNELS,
        })
      : conductOf(kind, process, rest, count);
    return counted ? [{ kind: 'child', ...process, parent }, counted] : [unknown(line)];
  };
  return readLine;
}

function markerOf(words: readonly string[]): TraceEvent | undefined {
  const [word, pidText] = words;
  if (word === 'ready' && words.length === 1) return { kind: 'ready' };
  const process = processOf(pidText);
  if (words.length !== 2 || process === undefined) return undefined;
  return word === 'start' || word === 'foreign' || word === 'end'
    ? { kind: word, ...process }
    : undefined;
}

function eventOf(words: readonly string[]): readonly TraceEvent[] | undefined {
  const [, at, pidText, ppidText, operation = '', stateText = ''] = words;
  const process = processOf(pidText);
  const parent = whole(ppidText);
  const state = signed(stateText);
  if (words.length !== 6 || process === undefined || parent === undefined || state === undefined) {
    return undefined;
  }
  if (at === undefined || !/^\d{1,19}$/.test(at) || !isOperation(operation)) return undefined;
  return [
    { kind: 'child', ...process, parent },
    { kind: 'pipe-event', ...process, at: BigInt(at), operation, state },
  ];
}

function conductOf(
  kind: string | undefined,
  process: Process,
  keys: readonly string[],
  count: number,
): TraceEvent | undefined {
  const [first = ''] = keys;
  if (keys.length !== 1 || first === '') return undefined;
  if (kind === 'other_call') return { kind: 'other-call', ...process, syscall: first, count };
  return kind === 'asked' && isOperation(first)
    ? { kind: 'asked', ...process, operation: first, atMost: count }
    : undefined;
}

function keyValue(
  key: Key,
  word: string,
  names: ReadonlyMap<number, string>,
): string | number | undefined {
  const oneOf = (words: readonly string[]) => (words.includes(word) ? word : undefined);
  switch (key.kind) {
    case 'word':
      return oneOf(key.words);
    case 'operation':
      return oneOf(OPERATIONS);
    case 'pipe-operation':
      return oneOf(PIPE_OPERATIONS);
    case 'syscall':
      return word === '' ? undefined : (names.get(whole(word) ?? -1) ?? word);
    case 'stack':
      return word;
    case 'integer':
    case 'pipe-state':
      return signed(word);
  }
}

function isOperation(word: string): word is Operation {
  return word === 'read' || word === 'write';
}

function whole(word: string | undefined): number | undefined {
  return word !== undefined && /^\d{1,15}$/.test(word) ? Number(word) : undefined;
}

function processOf(word: string | undefined): Process | undefined {
  const [pid, image, ...rest] = (word ?? '').split('.').map(whole);
  if (pid === undefined || rest.length > 0) return undefined;
  if (word?.includes('.') !== true) return { pid };
  return image === undefined ? undefined : { pid, image };
}

function signed(word: string): number | undefined {
  return /^-?\d{1,15}$/.test(word) ? Number(word) : undefined;
}

function unknown(line: string): TraceEvent {
  return { kind: 'unknown', line: line.slice(0, 500) };
}
