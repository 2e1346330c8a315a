import type { ChannelKind, Operation, PipeOperation } from '../counts.ts';
import type { LineReader, TraceEvent } from '../session/events.ts';

/** The values of self->channel in the D programs. */
const CHANNELS: Readonly<Record<number, ChannelKind>> = { 2: 'socket', 3: 'pipe' };

/** A process as the programs print it, `PID.IMAGE`; `PID` alone before there were images. */
interface Process {
  readonly pid: number;
  readonly image?: number;
}

/**
 * Reads what our D programs print: one record per line, words and numbers separated by single
 * blanks. Every count names its pid and ppid, so each also tells whose child the pid is.
 * @param names of system calls by number, for programs that print numbers
 */
export function dtraceLines(names: ReadonlyMap<number, string>): LineReader {
  return (line) => {
    // A quiet dtrace prints empty lines when it starts to end.
    if (line === '') return [];
    const words = line.split(' ');
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
    const counted = countedOf(kind, process, rest, count, names);
    return counted ? [{ kind: 'child', ...process, parent }, counted] : [unknown(line)];
  };
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

function countedOf(
  kind: string | undefined,
  process: Process,
  keys: readonly string[],
  count: number,
  names: ReadonlyMap<number, string>,
): TraceEvent | undefined {
  const [first = ''] = keys;
  const [a, b, c] = keys.slice(1).map(signed);
  switch (`${kind} ${keys.length}`) {
    case 'syscall 1': {
      const number = whole(first);
      const syscall = number === undefined ? first : (names.get(number) ?? first);
      return syscall === '' ? undefined : { kind: 'syscall', ...process, syscall, count };
    }
    case 'pipe_state 2':
      return isPipeOperation(first) && a !== undefined
        ? { kind: 'pipe-state', ...process, operation: first, state: a, count }
        : undefined;
    case 'pipe_transition 3':
      return isOperation(first) && a !== undefined && b !== undefined
        ? { kind: 'pipe-transition', ...process, operation: first, fromState: a, toState: b, count }
        : undefined;
    case 'io_size 2':
      return isOperation(first) && a !== undefined
        ? { kind: 'io-size', ...process, operation: first, bytes: a, count }
        : undefined;
    case 'io_size 4': {
      const channel = b === undefined ? undefined : CHANNELS[b];
      return isOperation(first) && a !== undefined && channel && (c === 0 || c === 1)
        ? { kind: 'io-size', ...process, operation: first, bytes: a, channel, cut: c === 1, count }
        : undefined;
    }
    case 'asked 1':
      return isOperation(first)
        ? { kind: 'asked', ...process, operation: first, atMost: count }
        : undefined;
    case 'other_call 1':
      return first === '' ? undefined : { kind: 'other-call', ...process, syscall: first, count };
    case 'context_switch 1':
      return first === 'voluntary' || first === 'involuntary'
        ? { kind: 'context-switch', ...process, switched: first, count }
        : undefined;
    case 'io_latency 2':
      return isOperation(first) && a !== undefined
        ? { kind: 'io-latency', ...process, operation: first, fromNs: a, count }
        : undefined;
    default:
      return undefined;
  }
}

function isOperation(word: string): word is Operation {
  return word === 'read' || word === 'write';
}

function isPipeOperation(word: string): word is PipeOperation {
  return isOperation(word) || word === 'write-peer';
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
