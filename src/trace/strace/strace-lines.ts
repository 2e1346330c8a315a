import { OTHER_CALLS } from '../../host/kernel/linux-syscalls.ts';
import type { Operation } from '../../instruments/instrument.ts';
import { IO_SIZES } from '../../instruments/io-sizes/instrument.ts';
import { SYSCALLS } from '../../instruments/syscalls/instrument.ts';
import type { ChannelKind } from '../counts.ts';
import type { TraceEvent } from '../session/events.ts';

const DESCRIPTOR = /(\d+)<(pipe|socket|UNIX|TCP)[^>]*>/;
const CHANNEL = new RegExp(`^${DESCRIPTOR.source}`);
const KINDS: Readonly<Record<string, ChannelKind>> = {
  pipe: 'pipe',
  socket: 'socket',
  UNIX: 'local',
  TCP: 'tcp',
};

const END = /^\+\+\+ (exited with \d+|killed by \w+( \(core dumped\))?|superseded by .*) \+\+\+$/;

/** A call that has begun. */
interface Call {
  readonly syscall: string;
  /** Undefined if it is not a read or write on the channel. */
  readonly operation: Operation | undefined;
  readonly channel: ChannelKind | undefined;
  /** The part of its arguments that has been written so far. */
  readonly text: string;
}

/**
 * Reads the lines of `strace -f -y -q -s 0 -o FILE`: each begins with a thread's id. A call that is
 * interrupted by another thread comes in two lines. The first id is the run's root, and all others
 * are its children. An exec is not one of the benchmark's own calls: each exec of the root begins a
 * new image, and lines with an older image were caused by a wrapper script.
 */
export class StraceReader {
  #root: number | undefined;
  #image = 1;
  /** The image in which each thread and process was first seen; the root is in the last one. */
  readonly #images = new Map<number, number>();
  readonly #ended = new Set<number>();
  /** The calls that have begun, by thread. */
  readonly #open = new Map<number, Call>();

  get root(): number | undefined {
    return this.#root;
  }

  /** Processes and threads whose last line is missing, the root first: the text has been cut. */
  get withoutEnd(): readonly number[] {
    const all = this.#root === undefined ? [] : [this.#root, ...this.#images.keys()];
    return all.filter((pid) => !this.#ended.has(pid));
  }

  read(line: string): readonly TraceEvent[] {
    const [, pidText, text] = /^(\d{1,10}) +(.*)$/.exec(line) ?? [];
    if (pidText === undefined || text === undefined) {
      return line.trim() === '' ? [] : [{ kind: 'unknown', line: line.slice(0, 500) }];
    }
    const pid = Number(pidText);
    const events: TraceEvent[] = [];
    if (this.#root === undefined) {
      this.#root = pid;
      events.push({ kind: 'start', pid, image: this.#image });
    }
    if (pid !== this.#root && !this.#images.has(pid)) {
      this.#images.set(pid, this.#image);
      events.push({ kind: 'child', pid, image: this.#image, parent: this.#root });
    }
    if (END.test(text)) {
      this.#ended.add(pid);
      events.push({ kind: 'exit', ...this.#process(pid) });
    }
    if (/^(\+\+\+|---) /.test(text)) return events;
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(text);
    if (resumed) {
      const begun = this.#open.get(pid);
      return [...events, ...(begun ? this.#returned(pid, begun, resumed[1] ?? '') : [])];
    }
    const [, syscall, rest] = /^(\w+)\((.*)$/.exec(text) ?? [];
    if (syscall === undefined || rest === undefined) {
      return [...events, { kind: 'unknown', line: line.slice(0, 500) }];
    }
    events.push(countOf(SYSCALLS.name, this.#process(pid), [syscall]));
    const call = callOf(syscall, rest);
    if (movesOnChannel(syscall, rest)) {
      events.push({ kind: 'other-call', ...this.#process(pid), syscall, count: 1 });
    }
    if (rest.endsWith('<unfinished ...>')) this.#open.set(pid, call);
    else events.push(...this.#returned(pid, { ...call, text: '' }, rest));
    return events;
  }

  #process(pid: number): { readonly pid: number; readonly image: number } {
    return { pid, image: this.#images.get(pid) ?? this.#image };
  }

  #returned(pid: number, call: Call, rest: string): readonly TraceEvent[] {
    this.#open.delete(pid);
    const [, returnedText] = / = (-?\d{1,15})(?: .*)?$/.exec(rest) ?? [];
    if (returnedText === undefined) return [];
    const returned = Number(returnedText);
    const { syscall, operation, channel, text } = call;
    if (/^execve(at)?$/.test(syscall) && returned === 0 && pid === this.#root) {
      this.#image++;
      return [{ kind: 'start', pid, image: this.#image }];
    }
    if (/^clone3?$/.test(syscall) && returned > 0 && (text + rest).includes('CLONE_THREAD')) {
      return [{ kind: 'child', ...this.#process(returned), parent: pid, thread: true }];
    }
    if (operation === undefined || channel === undefined) return [];
    const process = this.#process(pid);
    const asked = askedFor(text + rest);
    const size = countOf(IO_SIZES.name, process, [operation, returned]);
    if (asked === undefined) return [size];
    const cut = returned > 0 && returned < asked;
    return [
      { ...size, channel, cut },
      ...(cut ? [{ kind: 'asked', ...process, operation, atMost: asked } as const] : []),
    ];
  }
}

function countOf(
  table: string,
  process: { readonly pid: number; readonly image: number },
  keys: readonly (string | number)[],
) {
  return { kind: 'count', ...process, table, keys, count: 1 } as const;
}

function callOf(syscall: string, rest: string): Call {
  const [, descriptor, kind = ''] = CHANNEL.exec(rest) ?? [];
  const operation = syscall === 'read' || syscall === 'write' ? syscall : undefined;
  const on = operation !== undefined && Number(descriptor ?? 0) > 2;
  return {
    syscall,
    operation: on ? operation : undefined,
    channel: on ? KINDS[kind] : undefined,
    text: rest.replace(/<unfinished \.\.\.>$/, ''),
  };
}

/** Returns the last argument of a read or write: the number of bytes it is to move. */
function askedFor(text: string): number | undefined {
  const [, asked] = /, *(\d{1,15}) *\) += -?\d{1,15}(?: .*)?$/.exec(text) ?? [];
  return asked === undefined ? undefined : Number(asked);
}

/** Tells whether a call (not read or write) moves bytes on the channel, or hides what it does. */
function movesOnChannel(syscall: string, rest: string): boolean {
  if (syscall === 'io_uring_enter' || syscall === 'io_submit') return true;
  if (!OTHER_CALLS.some((name) => name === syscall)) return false;
  return [...rest.matchAll(new RegExp(DESCRIPTOR, 'g'))].some(([, number]) => Number(number) > 2);
}
