import type { Operation } from '../counts.ts';
import type { TraceEvent } from '../session/events.ts';

const CHANNEL = /^(\d+)<(?:pipe|socket|UNIX|TCP)[^>]*>/;

const END = /^\+\+\+ (exited with \d+|killed by \w+( \(core dumped\))?|superseded by .*) \+\+\+$/;

/**
 * Reads the lines of `strace -f -y -q -s 0 -o FILE`: each begins with a thread's id. A call that
 * another thread interrupts comes in two lines. The first id is the run's root, and every other is
 * its child; the exec that starts the root is not one of the benchmark's own calls.
 */
export class StraceReader {
  #root: number | undefined;
  readonly #children = new Set<number>();
  readonly #ended = new Set<number>();
  /** Channel operations that have begun, by thread. */
  readonly #open = new Map<number, Operation | undefined>();

  get root(): number | undefined {
    return this.#root;
  }

  /** Processes and threads whose last line is missing, the root first: the text has been cut. */
  get withoutEnd(): readonly number[] {
    const all = this.#root === undefined ? [] : [this.#root, ...this.#children];
    return all.filter((pid) => !this.#ended.has(pid));
  }

  read(line: string): readonly TraceEvent[] {
    const [, pidText, text] = /^(\d{1,10}) +(.*)$/.exec(line) ?? [];
    if (pidText === undefined || text === undefined) {
      return line.trim() === '' ? [] : [{ kind: 'unknown', line: line.slice(0, 500) }];
    }
    const pid = Number(pidText);
    const events: TraceEvent[] = [];
    const first = this.#root === undefined;
    this.#root ??= pid;
    if (pid !== this.#root && !this.#children.has(pid)) {
      this.#children.add(pid);
      events.push({ kind: 'child', pid, parent: this.#root });
    }
    if (END.test(text)) this.#ended.add(pid);
    if (/^(\+\+\+|---) /.test(text)) return events;
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(text);
    if (resumed) return [...events, ...this.#returned(pid, this.#open.get(pid), resumed[1] ?? '')];
    const [, syscall, rest] = /^(\w+)\((.*)$/.exec(text) ?? [];
    if (syscall === undefined || rest === undefined) {
      return [...events, { kind: 'unknown', line: line.slice(0, 500) }];
    }
    if (!(first && syscall === 'execve')) events.push({ kind: 'syscall', pid, syscall, count: 1 });
    const operation = channelOperation(syscall, rest);
    if (rest.endsWith('<unfinished ...>')) this.#open.set(pid, operation);
    else events.push(...this.#returned(pid, operation, rest));
    return events;
  }

  #returned(pid: number, operation: Operation | undefined, rest: string): readonly TraceEvent[] {
    this.#open.delete(pid);
    const returned = / = (-?\d{1,15})(?: .*)?$/.exec(rest);
    if (operation === undefined || !returned) return [];
    return [{ kind: 'io-size', pid, operation, bytes: Number(returned[1]), count: 1 }];
  }
}

function channelOperation(syscall: string, rest: string): Operation | undefined {
  if (syscall !== 'read' && syscall !== 'write') return undefined;
  const descriptor = CHANNEL.exec(rest);
  return descriptor && Number(descriptor[1]) > 2 ? syscall : undefined;
}
