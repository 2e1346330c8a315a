import type { Operation, PipeOperation } from '../counts.ts';
import type { LineReader, TraceEvent } from '../session/events.ts';

/**
 * Reads what our D programs print: one record a line, words and numbers divided by single blanks.
 * Every count names its pid and ppid, so each also says whose child the pid is.
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
    const pid = whole(pidText);
    const parent = whole(ppidText);
    const count = whole(rest.pop());
    if (pid === undefined || parent === undefined || count === undefined) return [unknown(line)];
    if (kind === 'exit' && rest.length === 0) {
      return [
        { kind: 'child', pid, parent },
        { kind: 'exit', pid },
      ];
    }
    const counted = countedOf(kind, pid, rest, count, names);
    return counted ? [{ kind: 'child', pid, parent }, counted] : [unknown(line)];
  };
}

function markerOf(words: readonly string[]): TraceEvent | undefined {
  const [word, pidText] = words;
  if (word === 'ready' && words.length === 1) return { kind: 'ready' };
  const pid = whole(pidText);
  if (words.length !== 2 || pid === undefined) return undefined;
  return word === 'start' || word === 'foreign' || word === 'end' ? { kind: word, pid } : undefined;
}

function eventOf(words: readonly string[]): readonly TraceEvent[] | undefined {
  const [, at, pidText, ppidText, operation = '', stateText = ''] = words;
  const pid = whole(pidText);
  const parent = whole(ppidText);
  const state = signed(stateText);
  if (words.length !== 6 || pid === undefined || parent === undefined || state === undefined) {
    return undefined;
  }
  if (at === undefined || !/^\d{1,19}$/.test(at) || !isOperation(operation)) return undefined;
  return [
    { kind: 'child', pid, parent },
    { kind: 'pipe-event', pid, at: BigInt(at), operation, state },
  ];
}

function countedOf(
  kind: string | undefined,
  pid: number,
  keys: readonly string[],
  count: number,
  names: ReadonlyMap<number, string>,
): TraceEvent | undefined {
  const [first = ''] = keys;
  const [a, b] = keys.slice(1).map(signed);
  switch (`${kind} ${keys.length}`) {
    case 'syscall 1': {
      const number = whole(first);
      const syscall = number === undefined ? first : (names.get(number) ?? first);
      return syscall === '' ? undefined : { kind: 'syscall', pid, syscall, count };
    }
    case 'pipe_state 2':
      return isPipeOperation(first) && a !== undefined
        ? { kind: 'pipe-state', pid, operation: first, state: a, count }
        : undefined;
    case 'pipe_transition 3':
      return isOperation(first) && a !== undefined && b !== undefined
        ? { kind: 'pipe-transition', pid, operation: first, fromState: a, toState: b, count }
        : undefined;
    case 'io_size 2':
      return isOperation(first) && a !== undefined
        ? { kind: 'io-size', pid, operation: first, bytes: a, count }
        : undefined;
    case 'context_switch 1':
      return first === 'voluntary' || first === 'involuntary'
        ? { kind: 'context-switch', pid, switched: first, count }
        : undefined;
    case 'io_latency 2':
      return isOperation(first) && a !== undefined
        ? { kind: 'io-latency', pid, operation: first, fromNs: a, count }
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

function signed(word: string): number | undefined {
  return /^-?\d{1,15}$/.test(word) ? Number(word) : undefined;
}

function unknown(line: string): TraceEvent {
  return { kind: 'unknown', line: line.slice(0, 500) };
}
