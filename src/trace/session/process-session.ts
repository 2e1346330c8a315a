import { setImmediate as setImmediatePromise } from 'node:timers/promises';
import type { Doubt } from '../../doubt.ts';
import { ExitCode, UserError } from '../../errors.ts';
import type { Collected, TraceSession } from '../tracer.ts';
import type { ForeignProcesses } from '../user-scripts/riding/foreign-processes.ts';
import type { RiddenRun } from '../user-scripts/riding/ridden-run.ts';
import { endTracer } from './end-tracer.ts';
import type { LineReader, TraceEvent } from './events.ts';
import { LineSplitter } from './lines.ts';
import { RunDoubts } from './run-doubts.ts';
import { leftBehind, untilRunEnds } from './run-end.ts';
import { RunShare } from './run-share.ts';
import type { TracerProcess } from './start-tracer.ts';

export interface SessionOptions {
  readonly tracer: 'dtrace' | 'bpftrace';
  readonly readLine: LineReader;
  /** Reads what a line on stderr means for the current run; undefined if it means nothing. */
  readonly readStderr: (line: string) => Doubt | undefined;
  readonly readyMs: number;
  /** How long the end marker may take after a root's exit. */
  readonly endMs: number;
  /**
   * Asks for a run's counts, for a tracer that has to be asked. It answers twice with an end
   * marker; the counts come with the second answer, which cannot come from a snapshot older than
   * the run's end.
   */
  readonly ask?: (rootPid: number) => void;
  /** Asks for the counts that come after the end marker: those of how the root itself ended. */
  readonly askAtEnd?: ((rootPid: number) => void) | undefined;
  /** True if the program prints each process's exit after its last counts: that ends the run. */
  readonly printsExits?: boolean;
  /** True if an end marker follows the last event of each process; it may come after the exit. */
  readonly marksEvents?: boolean;
  /** How long to wait for such a marker when nothing more comes: the buffer may have lost it. */
  readonly quietMs?: number;
  /** True if a later print replaces the earlier one, instead of being added to it. */
  readonly runningTotals?: boolean;
  /** Tells whether a process is still there; for a tracer that is asked and prints no exits. */
  readonly isThere?: (pid: number) => Promise<boolean>;
  /** How long the tracer may take to end before it is killed. */
  readonly closeMs?: number;
  /** Names the options set in the spec, which may be why something is lost or missing. */
  readonly ownOptions?: string | undefined;
  /** The most raw lines to keep of one run, in characters. */
  readonly rawLimit?: number;
  /** The user's scripts that are part of the program; undefined if none is. */
  readonly riding?: Riding | undefined;
}

/** How a session handles the scripts that ride in it. */
export interface Riding {
  /** Returns what takes the scripts' lines of one run; the session keeps none of them. */
  readonly newRun: () => RiddenRun;
  /** Asks for the results of a run that has ended, for a tracer that has to be asked. */
  readonly ask?: (rootPid: number) => void;
  /** True if the results come without a question when the last process of a run exits. */
  readonly unasked?: boolean;
  /** Asks once more: when the answer comes, so has everything that the scripts printed. */
  readonly settle?: (rootPid: number) => void;
  /** True if `settle` is needed even if no text is known to be missing. */
  readonly alwaysSettles?: boolean;
  readonly foreignProcesses: ForeignProcesses;
  /** Reads what the tracer says of a script that does not compile; undefined if it is not that. */
  readonly errorOf: (stderr: string) => UserError | undefined;
  /** Lines are cut at this length; all of a map is in one line. */
  readonly lineLimit: number;
}

/** A map of stacks is one line. */
const LINE_LIMIT = 16 * 1024 * 1024;
const STDERR_LINES = 50;
/** An emulated FreeBSD takes a while to remove the probes of every system call. */
const CLOSE_MS = { dtrace: 120_000, bpftrace: 15_000 } as const;
/** An emulated FreeBSD falls silent for more than a second. */
const QUIET_MS = 3000;
/** Lines that keep coming are waited for this many times as long as the end of a run. */
const BUSY_FACTOR = 15;

/** The events that somebody may be waiting for. */
const WAITED_FOR: ReadonlySet<TraceEvent['kind']> = new Set(['ready', 'answer', 'end', 'exit']);
/** How long results may take that come without a question, before they are asked for. */
const UNASKED_MS = 300;

/**
 * Handles the session protocol over a tracer's output, which is the same for every tracer: wait for
 * `ready`, then for each run gather lines until `end PID` names its root. Output and the end of the
 * process may come at any time and in any pieces.
 */
export class ProcessSession implements TraceSession {
  readonly #process: TracerProcess;
  readonly #options: SessionOptions;
  readonly #stderr: string[] = [];
  #share: RunShare;
  #ended: string | undefined;
  #ready = false;
  /** The number of lines read so far. */
  #lines = 0;
  #closed = false;
  #wake: () => void = () => {};

  private constructor(tracerProcess: TracerProcess, options: SessionOptions) {
    this.#process = tracerProcess;
    this.#options = options;
    this.#share = this.#newShare();
    const limit = options.riding?.lineLimit ?? LINE_LIMIT;
    const stdout = new LineSplitter((line) => this.#onLine(line), limit);
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
    const ofScript = options.riding?.errorOf(session.#stderrText(''));
    if (ofScript) throw ofScript;
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

  begin(): void | Promise<void> {
    // Losses reported after the last run was collected may also be losses of this run.
    this.#share = this.#newShare(this.#share.doubts.late());
    return this.#options.riding?.foreignProcesses.begin();
  }

  runHasEnded(rootPid: number): void {
    if (!this.#options.riding?.unasked) this.#askScripts(rootPid);
  }

  #askScripts(rootPid: number): void {
    if (this.#share.ridden && !this.#share.scriptsAsked) this.#options.riding?.ask?.(rootPid);
    this.#share.scriptsAsked = true;
  }

  async collect(rootPid: number, mode: '2proc' | '2thread'): Promise<Collected> {
    const share = this.#share;
    const deadline = performance.now() + this.#options.endMs;
    const until = async (condition: () => boolean) => {
      await this.#until(condition, deadline - performance.now());
      return condition();
    };
    const ended = await untilRunEnds(share.tally, rootPid, until, {
      ...this.#options,
      answers: () => share.endsOf(rootPid),
    });
    if (ended.state === 'ended' && this.#options.marksEvents) {
      const family = [rootPid, ...share.tally.descendantsOf(rootPid)];
      const over = family.filter((pid) => !ended.living.includes(pid));
      await this.#untilQuiet(() => over.every((pid) => share.endsOf(pid) > 0));
    }
    let complete = ended.state === 'ended';
    if (complete && this.#options.askAtEnd) {
      this.#options.askAtEnd(rootPid);
      complete = await until(() => share.hasAnswered(rootPid));
    }
    if (complete && share.ridden) complete = await this.#untilRidden(share.ridden, rootPid, until);
    // What stderr said before the marker is read in this turn of the event loop, or in the next one
    // if it came while stdout was being read.
    await setImmediatePromise();
    await setImmediatePromise();
    if (this.#share === share) this.#share = this.#newShare();
    const doubts = [...share.allDoubts()];
    const left = ended.state === 'ended' ? leftBehind(ended.living) : undefined;
    if (left) doubts.push(left);
    if (complete) {
      return {
        state: 'counted',
        counts: share.tally.countsOf(rootPid, mode),
        raw: share.raw,
        ...this.#withScripts(share, doubts),
      };
    }
    const reason =
      this.#ended === undefined
        ? `no end marker from ${this.#options.tracer} within ${this.#options.endMs / 1000} s${this.#ownOptions()}`
        : `${this.#options.tracer} ended with ${this.#ended}${this.#stderrText(': ')}`;
    return { state: 'failed', reason, raw: share.raw, doubts };
  }

  /** Waits for the results of the riding scripts. */
  async #untilRidden(
    ridden: RiddenRun,
    rootPid: number,
    until: (condition: () => boolean) => Promise<boolean>,
  ): Promise<boolean> {
    const { unasked, settle, alwaysSettles } = this.#options.riding ?? {};
    if (unasked) await this.#until(() => ridden.answered, UNASKED_MS);
    if (!ridden.answered) this.#askScripts(rootPid);
    if (!(await until(() => ridden.answered))) return false;
    if (!alwaysSettles && !ridden.lacksTexts) return true;
    if (!settle) {
      await this.#untilQuiet(() => !ridden.lacksTexts);
      return true;
    }
    settle(rootPid);
    return until(() => ridden.settled);
  }

  #withScripts(
    { ridden }: RunShare,
    doubts: readonly Doubt[],
  ): Pick<Collected, 'doubts' | 'scripts'> {
    if (!ridden) return { doubts };
    const scripts = ridden.results();
    const foreignDoubts = this.#options.riding?.foreignProcesses.doubts() ?? [];
    return {
      scripts,
      doubts: [
        ...doubts,
        ...ridden.doubts(),
        ...scripts.flatMap((script) => script.doubts),
        ...foreignDoubts,
      ],
    };
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

  /**
   * Waits for a condition as long as lines keep coming, but not for ever: they may come from another
   * benchmark.
   */
  async #untilQuiet(condition: () => boolean): Promise<void> {
    const until = performance.now() + this.#options.endMs * BUSY_FACTOR;
    let before: number;
    do {
      before = this.#lines;
      await this.#until(condition, this.#options.quietMs ?? QUIET_MS);
    } while (this.#lines > before && performance.now() < until);
  }

  #newShare(doubts = new RunDoubts()): RunShare {
    const { tracer, runningTotals = false, riding, rawLimit } = this.#options;
    return new RunShare({ tracer, runningTotals, ridden: riding?.newRun(), rawLimit }, doubts);
  }

  #onLine(line: string): void {
    this.#lines++;
    if (this.#share.ridden?.take(line)) {
      this.#wake();
      return;
    }
    this.#share.keep(line);
    const events = this.#options.readLine(line);
    for (const event of events) {
      this.#share.add(event);
      if (event.kind === 'ready') this.#ready = true;
      if (event.kind === 'foreign') this.#options.riding?.foreignProcesses.add(event.pid);
    }
    // Wake only once for thousands of events in one line.
    if (events.some(({ kind }) => WAITED_FOR.has(kind))) this.#wake();
  }

  #onStderr(line: string): void {
    if (line.trim() === '') return;
    // The last lines tell why a tracer has ended, even after hours.
    this.#stderr.push(line.slice(0, 1000));
    if (this.#stderr.length > STDERR_LINES) this.#stderr.shift();
    const doubt = this.#options.readStderr(line);
    if (!doubt) return;
    const lost = doubt.code === 'tracer-dropped';
    const message = lost ? doubt.message + this.#ownOptions() : doubt.message;
    this.#share.doubts.add({ ...doubt, message });
  }

  #ownOptions(): string {
    return this.#options.ownOptions ? ` (${this.#options.ownOptions})` : '';
  }

  #stderrText(before: string): string {
    return this.#stderr.length === 0 ? '' : before + this.#stderr.join('\n');
  }

  /** Waits for a condition, the tracer's end or the time limit, whichever comes first. */
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
