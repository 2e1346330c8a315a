import {
  setImmediate as setImmediatePromise,
  setTimeout as setTimeoutPromise,
} from 'node:timers/promises';
import type { Doubt } from '../../doubt.ts';
import { ExitCode, UserError } from '../../errors.ts';
import type { Collected, TraceSession } from '../tracer.ts';
import { endTracer } from './end-tracer.ts';
import type { LineReader, TraceEvent } from './events.ts';
import { LineSplitter } from './lines.ts';
import type { TracerProcess } from './start-tracer.ts';
import { EVENT_LIMIT, Tally } from './tally.ts';

export interface SessionOptions {
  readonly tracer: 'dtrace' | 'bpftrace';
  readonly readLine: LineReader;
  /** What a line on stderr means for the run in flight; undefined when it means nothing. */
  readonly readStderr: (line: string) => Doubt | undefined;
  readonly readyMs: number;
  /** How long after a root's exit the end marker may take. */
  readonly endMs: number;
  /**
   * Asks a tracer that has to be asked for a run's counts. It answers twice with an end marker; the
   * counts come with the second answer, which no snapshot older than the run's end can give.
   */
  readonly ask?: (rootPid: number) => void;
  /** True: the program prints the exits of a run's processes after their last counts: that is its end. */
  readonly printsExits?: boolean;
  /** How long the tracer may take to end before it is killed. */
  readonly closeMs?: number;
  /** Names the options that the spec has set, which may be why something is lost or does not come. */
  readonly ownOptions?: string | undefined;
  /** Raw lines kept of one run, in characters. */
  readonly rawLimit?: number;
}

const RAW_LIMIT = 4 * 1024 * 1024;
const LINE_LIMIT = 1024 * 1024;
const STDERR_LINES = 50;
/** An emulated FreeBSD takes a while to take back the probes of every system call. */
const CLOSE_MS = { dtrace: 120_000, bpftrace: 15_000 } as const;
/** Longer than a tracer takes between two snapshots (100 Hz). */
const SNAPSHOT_MS = 15;

/** One run's share of the session's output. */
interface Share {
  readonly tally: Tally;
  /** End markers seen, by pid. */
  readonly ends: Map<number, number>;
  /** Processes whose counts are known to be complete. */
  readonly exits: Set<number>;
  readonly doubts: Map<string, Doubt>;
  raw: string;
}

/**
 * The session protocol over a tracer's output, the same for every tracer: wait for `ready`, then
 * for each run gather lines until `end PID` names its root. Output and the process's own end may
 * come at any time and in any pieces.
 */
export class ProcessSession implements TraceSession {
  readonly #process: TracerProcess;
  readonly #options: SessionOptions;
  readonly #stderr: string[] = [];
  #share = newShare();
  #ended: string | undefined;
  #ready = false;
  #closed = false;
  #wake: () => void = () => {};

  private constructor(tracerProcess: TracerProcess, options: SessionOptions) {
    this.#process = tracerProcess;
    this.#options = options;
    const stdout = new LineSplitter((line) => this.#onLine(line), LINE_LIMIT);
    const stderr = new LineSplitter((line) => this.#onStderr(line), LINE_LIMIT);
    tracerProcess.stdout.setEncoding('utf8').on('data', (chunk: string) => stdout.push(chunk));
    tracerProcess.stderr.setEncoding('utf8').on('data', (chunk: string) => stderr.push(chunk));
    tracerProcess.then((result) => {
      const how = result.signal ? `signal ${result.signal}` : `exit code ${result.exitCode}`;
      this.#ended = result.exitCode === undefined && !result.signal ? (result.message ?? how) : how;
      this.#wake();
    });
  }

  /** @throws UserError with what the tracer said when it does not get ready */
  static async attach(process: TracerProcess, options: SessionOptions): Promise<ProcessSession> {
    const session = new ProcessSession(process, options);
    await session.#until(() => session.#ready, options.readyMs);
    if (session.#ready && session.#ended === undefined) return session;
    const why = session.#ended ?? `not ready after ${options.readyMs / 1000} s`;
    await session.close();
    throw new UserError(`${options.tracer} did not attach (${why})${session.#stderrText('\n')}`, {
      hint: options.ownOptions
        ? `${options.ownOptions}: try without them`
        : '`ipc-sweep doctor` says what this machine can trace',
      exitCode: ExitCode.machine,
    });
  }

  get state(): 'attached' | 'ended' {
    return this.#ended === undefined && !this.#closed ? 'attached' : 'ended';
  }

  begin(): void {
    // What the tracer said it lost after the last run was collected may be this run's loss too.
    const late = [...this.#share.doubts].filter(([, { code }]) => code === 'tracer-dropped');
    this.#share = newShare();
    for (const [key, doubt] of late) this.#share.doubts.set(key, doubt);
  }

  async collect(rootPid: number, mode: '2proc' | '2thread'): Promise<Collected> {
    const share = this.#share;
    const deadline = performance.now() + this.#options.endMs;
    const until = async (condition: () => boolean) => {
      await this.#until(condition, deadline - performance.now());
      return condition();
    };
    const answers = () => share.ends.get(rootPid) ?? 0;
    const { ask, printsExits } = this.#options;
    let complete: boolean;
    if (printsExits) {
      complete = await until(() => hasEnded(share, rootPid));
    } else {
      ask?.(rootPid);
      complete = await until(() => answers() >= 1);
      if (ask && complete) {
        await setTimeoutPromise(SNAPSHOT_MS);
        ask(rootPid);
        complete = await until(() => answers() >= 2);
      }
    }
    // What stderr said before the marker is read in this turn of the event loop, or in the next if it
    // came while stdout was being read.
    await setImmediatePromise();
    await setImmediatePromise();
    if (this.#share === share) this.#share = newShare();
    const doubts = [...share.doubts.values()];
    if (share.tally.eventsLeftOut > 0) {
      const message = `${share.tally.eventsLeftOut} events beyond the first ${EVENT_LIMIT} are not kept`;
      doubts.push({ code: 'events-cut', message, suspect: false });
    }
    if (complete) {
      return {
        state: 'counted',
        counts: share.tally.countsOf(rootPid, mode),
        raw: share.raw,
        doubts,
      };
    }
    const reason =
      this.#ended === undefined
        ? `no end marker from ${this.#options.tracer} within ${this.#options.endMs / 1000} s${this.#ownOptions()}`
        : `${this.#options.tracer} ended with ${this.#ended}${this.#stderrText(': ')}`;
    return { state: 'failed', reason, raw: share.raw, doubts };
  }

  async close(): Promise<boolean> {
    const ending = {
      order: this.#process.order,
      hasEnded: () => this.#ended !== undefined,
      untilEnded: (limitMs: number) => this.#until(() => false, limitMs),
    };
    this.#closed = true;
    const { tracer, closeMs = CLOSE_MS[tracer] } = this.#options;
    await endTracer(tracer, ending, closeMs);
    return ending.hasEnded();
  }

  #onLine(line: string): void {
    const share = this.#share;
    this.#keep(line);
    for (const event of this.#options.readLine(line)) this.#onEvent(share, event);
  }

  #onEvent(share: Share, event: TraceEvent): void {
    share.tally.add(event);
    switch (event.kind) {
      case 'ready':
        this.#ready = true;
        this.#wake();
        break;
      case 'exit':
        share.exits.add(event.pid);
        this.#wake();
        break;
      case 'end':
        share.ends.set(event.pid, (share.ends.get(event.pid) ?? 0) + 1);
        this.#wake();
        break;
      case 'foreign':
        this.#doubt({
          code: 'foreign-benchmark',
          message: `another benchmark ran at the same time (pid ${event.pid}); it is not in the counts`,
          suspect: false,
        });
        break;
      case 'lost':
        this.#doubt({
          code: 'tracer-dropped',
          message: `${this.#options.tracer} lost ${event.count} ${event.what}`,
          suspect: true,
        });
        break;
      case 'unknown':
        this.#doubt({
          code: 'tracer-garbled',
          message: `a line of ${this.#options.tracer} could not be read: ${event.line.slice(0, 200)}`,
          suspect: true,
        });
        break;
    }
  }

  #onStderr(line: string): void {
    if (line.trim() === '') return;
    if (this.#stderr.length < STDERR_LINES) this.#stderr.push(line.slice(0, 1000));
    const doubt = this.#options.readStderr(line);
    if (!doubt) return;
    const { message } = doubt;
    const lost = doubt.code === 'tracer-dropped';
    this.#doubt({ ...doubt, message: lost ? message + this.#ownOptions() : message });
  }

  #doubt(doubt: Doubt): void {
    const key = `${doubt.code} ${doubt.message}`;
    if (this.#share.doubts.size < 100) this.#share.doubts.set(key, doubt);
  }

  #keep(line: string): void {
    const limit = this.#options.rawLimit ?? RAW_LIMIT;
    if (this.#share.raw.length + line.length < limit) this.#share.raw += `${line}\n`;
    else {
      this.#doubt({
        code: 'raw-cut',
        message: `only the first ${limit} characters of the tracer's output are kept`,
        suspect: false,
      });
    }
  }

  #ownOptions(): string {
    return this.#options.ownOptions ? ` (${this.#options.ownOptions})` : '';
  }

  #stderrText(before: string): string {
    return this.#stderr.length === 0 ? '' : before + this.#stderr.join('\n');
  }

  /** Waits for a condition, the tracer's end, or the time limit, whichever is first. */
  async #until(condition: () => boolean, limitMs: number): Promise<void> {
    if (condition() || this.#ended !== undefined) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(finish, limitMs);
      const check = () => {
        if (condition() || this.#ended !== undefined) finish();
      };
      function finish() {
        clearTimeout(timer);
        resolve();
      }
      this.#wake = check;
    });
    this.#wake = () => {};
  }
}

/** Whether the exits of a root and of all its children have been printed. */
function hasEnded(share: Share, rootPid: number): boolean {
  return [rootPid, ...share.tally.childrenOf(rootPid)].every((pid) => share.exits.has(pid));
}

function newShare(): Share {
  return { tally: new Tally(), ends: new Map(), exits: new Set(), doubts: new Map(), raw: '' };
}
