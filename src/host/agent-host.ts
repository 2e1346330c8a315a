import { Readable } from 'node:stream';
import { ExitCode, UserError } from '../errors.ts';
import { changeableByOthersOn } from './changeable-by-others.ts';
import { type Connection, type ConnectOptions, connect, connectAsRoot } from './connect.ts';
import { FrameDecoder, FrameError, FrameReader, FrameWriter } from './frames.ts';
import type {
  FileState,
  Finished,
  Host,
  HostCommand,
  Machine,
  SavedSetting,
  Streamed,
} from './host.ts';
import { HostLost } from './host-lost.ts';
import {
  Answer,
  decodeEnd,
  decodeMachine,
  decodeNames,
  decodeState,
  encodeSaved,
  encodeStart,
  LONGEST_FILE,
  LONGEST_REPLY,
  Reply,
  Request,
} from './protocol.ts';
import { SudoRefused } from './refusals.ts';

const PING_MS = 15_000;
/** How much of a streamed command's output the agent may send before we ask for more. */
const WINDOW_BYTES = 4 * 1024 * 1024;
/** How long an agent may take to end what it started before its process is killed. */
const CLOSE_MS = 15_000;
const SMALL_FILE = 64 * 1024;

const SIGNALS = { SIGTERM: 'T', SIGKILL: 'K', SIGINT: 'I' } as const;

/** A command that the agent has been asked to start. */
interface Running {
  readonly output: (stream: number, piece: Buffer) => void;
  readonly started: (pid: number) => void;
  readonly end: (done: Omit<Finished, 'stdout' | 'stderr'>) => void;
  readonly lose: (why: HostLost) => void;
}

interface Asked {
  readonly pieces: Buffer[];
  readonly resolve: (answer: { readonly refused: boolean; readonly body: Buffer }) => void;
  readonly reject: (why: HostLost) => void;
}

/**
 * Starts an agent on a host and waits until it has said what the machine is.
 * @param name `local`, or a destination of ssh
 * @throws UserError with what to type when the host cannot be reached or the agent cannot be built
 *     there
 */
export async function openHost(name: string, options: ConnectOptions): Promise<Host> {
  return AgentHost.over(name, await connect(name, options));
}

/**
 * Starts a host's agent once more, as root, with `sudo -n`.
 * @throws SudoRefused when sudo refuses, or when somebody other than this user and root could
 *     change what would be run
 */
export async function openRootHost(host: Host, options: ConnectOptions): Promise<Host> {
  const { agentPath } = host.machine;
  const open = await changeableByOthersOn(host, agentPath);
  if (open !== undefined) {
    throw new SudoRefused(
      host.name,
      `others than you can change ${open}, and so what would be run as root`,
      `chmod go-w ${open}, or set XDG_CACHE_HOME to a folder of your own`,
    );
  }
  return AgentHost.over(host.name, await connectAsRoot(host.name, agentPath, options));
}

/** A {@link Host} that speaks the agent's protocol. */
export class AgentHost implements Host {
  readonly name: string;
  readonly #connection: Connection;
  readonly #writer = new FrameWriter();
  readonly #running = new Map<number, Running>();
  readonly #asked = new Map<number, Asked>();
  /** How many running commands have their output kept; nothing may be sent while there are any. */
  #silent = 0;
  #next = 1;
  #machine: Machine | undefined;
  #lost: HostLost | undefined;
  #closing: Promise<void> | undefined;
  #pinging: NodeJS.Timeout | undefined;
  /** The last message of the agent before it gave up. */
  #error: string | undefined;

  private constructor(name: string, connection: Connection) {
    this.name = name;
    this.#connection = connection;
  }

  static async over(name: string, connection: Connection): Promise<AgentHost> {
    const host = new AgentHost(name, connection);
    await host.#begin();
    return host;
  }

  get machine(): Machine {
    if (!this.#machine) throw new Error(`${this.name} has not begun`);
    return this.#machine;
  }

  get lost(): boolean {
    return this.#lost !== undefined;
  }

  run(command: HostCommand): Promise<Finished> {
    const output: [Buffer[], Buffer[]] = [[], []];
    return new Promise<Finished>((resolve, reject) => {
      if (this.#lost) {
        reject(this.#lost);
        return;
      }
      const number = this.#number();
      const { abort } = command;
      const onAbort = () => this.#signal(number, 'A');
      const over = () => {
        this.#silent -= 1;
        abort?.removeEventListener('abort', onAbort);
      };
      this.#running.set(number, {
        output: (stream, piece) => output[stream === 0 ? 0 : 1].push(piece),
        started: () => {},
        end: (done) => {
          over();
          resolve({ ...done, stdout: joined(output[0]), stderr: joined(output[1]) });
        },
        lose: (why) => {
          over();
          reject(why);
        },
      });
      this.#silent += 1;
      this.#write(encodeStart(this.#writer, number, command, false));
      abort?.addEventListener('abort', onAbort, { once: true });
      if (abort?.aborted) onAbort();
    });
  }

  stream(command: HostCommand): Streamed {
    const number = this.#number();
    const { abort } = command;
    const streams = [0, 1].map((stream) => this.#outputOf(number, stream)) as [Output, Output];
    let settlePid: (pid: number | undefined) => void = () => {};
    let losePid: (why: HostLost) => void = () => {};
    const pid = new Promise<number | undefined>((resolve, reject) => {
      settlePid = resolve;
      losePid = reject;
    });
    const onAbort = () => this.#signal(number, 'A');
    const ended = new Promise<Finished>((resolve, reject) => {
      const over = () => abort?.removeEventListener('abort', onAbort);
      const running: Running = {
        output: (stream, piece) => streams[stream === 0 ? 0 : 1].take(piece),
        started: (is) => settlePid(is),
        end: (done) => {
          over();
          settlePid(undefined);
          for (const { readable } of streams) readable.push(null);
          const nothing = Buffer.alloc(0);
          resolve({ ...done, stdout: nothing, stderr: nothing });
        },
        lose: (why) => {
          over();
          losePid(why);
          // The stream's reader learns from `ended` why there is no more.
          for (const { readable } of streams) readable.push(null);
          reject(why);
        },
      };
      if (this.#lost) {
        running.lose(this.#lost);
        return;
      }
      this.#running.set(number, running);
      this.#write(encodeStart(this.#writer, number, command, true));
      for (const stream of [0, 1]) this.#credit(number, stream, WINDOW_BYTES);
      abort?.addEventListener('abort', onAbort, { once: true });
      if (abort?.aborted) onAbort();
    });
    // A caller that waits for neither promise learns about a lost host elsewhere.
    pid.catch(() => {});
    ended.catch(() => {});
    return {
      pid,
      ended,
      stdout: streams[0].readable,
      stderr: streams[1].readable,
      signal: (signal) => this.#signal(number, SIGNALS[signal]),
    };
  }

  async readFile(path: string, limitBytes = SMALL_FILE): Promise<Buffer | undefined> {
    const pieces: Buffer[] = [];
    for (let length = 0; ; ) {
      const wanted = Math.min(limitBytes - length, LONGEST_FILE);
      const from = length;
      const { refused, body } = await this.#ask(Request.read, (to) =>
        to.u64(wanted).u64(from).text(path),
      );
      if (refused) return undefined;
      pieces.push(body);
      length += body.length;
      if (body.length < wanted || length >= limitBytes) break;
    }
    return pieces.length === 1 ? pieces[0] : Buffer.concat(pieces);
  }

  async list(folder: string): Promise<readonly string[]> {
    const { refused, body } = await this.#ask(Request.list, (to) => to.text(folder));
    return refused ? [] : decodeNames(body);
  }

  async stat(path: string, follow = true): Promise<FileState | undefined> {
    const { refused, body } = await this.#ask(Request.state, (to) =>
      to.u8(follow ? 1 : 0).text(path),
    );
    return refused ? undefined : decodeState(body);
  }

  async realPath(path: string): Promise<string | undefined> {
    const { refused, body } = await this.#ask(Request.realPath, (to) => to.text(path));
    return refused ? undefined : body.toString('utf8');
  }

  async send(name: string, content: Uint8Array, mode = 0o600): Promise<string> {
    if (content.length > LONGEST_FILE) {
      throw new Error(`${name} has ${content.length} bytes; ${LONGEST_FILE} can be sent`);
    }
    const { refused, body } = await this.#ask(Request.send, (to) =>
      to.u32(mode).text(name).bytes(content),
    );
    if (refused) {
      throw new UserError(`${this.name}: ${body.toString('utf8')}`, {
        hint: 'make room there, or set XDG_CACHE_HOME there to a folder that can be written and has room',
        exitCode: ExitCode.machine,
      });
    }
    return body.toString('utf8');
  }

  async discard(path: string): Promise<void> {
    const { refused, body } = await this.#ask(Request.discard, (to) => to.text(path));
    if (refused) throw new Error(`${this.name}: ${path}: ${body.toString('utf8')}`);
  }

  async writeSetting(path: string, value: string): Promise<string | undefined> {
    const { refused, body } = await this.#ask(Request.set, (to) => to.text(path).text(value));
    return refused ? body.toString('utf8') : undefined;
  }

  async putBackAtEnd(setting: SavedSetting): Promise<void> {
    const number = this.#number();
    const { refused, body } = await this.#answerTo(number, () =>
      encodeSaved(this.#writer, number, setting),
    );
    if (refused) throw new Error(`${this.name}: ${setting.target}: ${body.toString('utf8')}`);
  }

  ask(pid: number): void {
    if (!this.#lost) this.#write(this.#writer.begin(Request.ask, 0).u32(pid).end());
  }

  async hold(port: number, holder: string): Promise<string | undefined> {
    const { refused, body } = await this.#ask(Request.hold, (to) => to.u32(port).text(holder));
    return refused ? body.toString('utf8') : undefined;
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    const { input, ended, kill } = this.#connection;
    this.#lose('it was closed');
    input.end();
    const late = setTimeout(kill, CLOSE_MS);
    await ended;
    clearTimeout(late);
  }

  async #begin(): Promise<void> {
    const { output, first, ended } = this.#connection;
    const decoder = new FrameDecoder(LONGEST_REPLY, (type, number, body) =>
      this.#take(type, number, body),
    );
    const push = (piece: Buffer) => {
      if (this.#lost) return;
      try {
        decoder.push(piece);
      } catch (error) {
        if (!(error instanceof FrameError)) throw error;
        this.#giveUp(`it broke the protocol: ${error.message}`);
      }
    };
    await new Promise<void>((resolve, reject) => {
      const ready = () => {
        if (this.#lost) reject(this.#lost);
        else if (this.#machine) resolve();
      };
      push(first);
      output.on('data', (piece: Buffer) => {
        push(piece);
        ready();
      });
      // The process may end before all that it wrote has been read.
      const closed = new Promise<void>((settle) => output.once('close', settle));
      void ended.then(async (how) => {
        await closed;
        const said = this.#error ?? this.#connection.said().split('\n').at(-1);
        this.#lose(said ? `its agent ${how}: ${said}` : `its agent ${how}`);
        ready();
      });
      output.resume();
      ready();
    });
    this.#pinging = setInterval(() => {
      if (this.#silent === 0) this.#write(this.#writer.begin(Request.ping, 0).end());
    }, PING_MS).unref();
  }

  #take(type: string, number: number, body: Buffer): void {
    switch (type) {
      case Reply.ready:
        this.#machine = decodeMachine(body);
        return;
      case Reply.output: {
        const from = new FrameReader(body);
        const stream = from.u8();
        if (stream > 1) throw new FrameError('the output of an unknown stream');
        this.#running.get(number)?.output(stream, from.rest());
        return;
      }
      case Reply.started: {
        const from = new FrameReader(body);
        const pid = from.u32();
        from.end();
        this.#running.get(number)?.started(pid);
        return;
      }
      case Reply.end: {
        const running = this.#running.get(number);
        if (!running) throw new FrameError('the end of a command that was not started');
        const done = decodeEnd(body);
        this.#running.delete(number);
        running.end(done);
        return;
      }
      case Reply.answer:
        this.#takeAnswer(number, body);
        return;
      case Reply.error: {
        const from = new FrameReader(body);
        this.#error = from.text();
        return;
      }
      default:
        throw new FrameError(`a frame of an unknown type (${JSON.stringify(type)})`);
    }
  }

  #takeAnswer(number: number, body: Buffer): void {
    if (number === 0) return; // This answers a ping.
    const asked = this.#asked.get(number);
    if (!asked) throw new FrameError('an answer to a request that was not made');
    const from = new FrameReader(body);
    const state = from.u8();
    if (state > Answer.done) throw new FrameError('an answer in an unknown state');
    asked.pieces.push(from.rest());
    if (state === Answer.more) return;
    this.#asked.delete(number);
    asked.resolve({ refused: state === Answer.refused, body: joined(asked.pieces) });
  }

  #ask(type: string, write: (to: FrameWriter) => FrameWriter) {
    const number = this.#number();
    return this.#answerTo(number, () => write(this.#writer.begin(type, number)).end());
  }

  #answerTo(number: number, frame: () => Buffer) {
    return new Promise<{ readonly refused: boolean; readonly body: Buffer }>((resolve, reject) => {
      if (this.#lost) {
        reject(this.#lost);
        return;
      }
      this.#asked.set(number, { pieces: [], resolve, reject });
      this.#write(frame());
    });
  }

  /** Returns a number that pairs a request with its replies; 0 is not used for requests. */
  #number(): number {
    const number = this.#next;
    this.#next = number === 0xffff_ffff ? 1 : number + 1;
    return number;
  }

  #signal(number: number, letter: string): void {
    if (this.#lost || !this.#running.has(number)) return;
    this.#write(this.#writer.begin(Request.signal, number).u8(letter.charCodeAt(0)).end());
  }

  #credit(number: number, stream: number, bytes: number): void {
    if (this.#lost) return;
    this.#write(this.#writer.begin(Request.credit, number).u64(bytes).u8(stream).end());
  }

  #write(frame: Buffer): void {
    this.#connection.input.write(frame);
  }

  #outputOf(number: number, stream: number): Output {
    return new Output((bytes) => {
      if (this.#running.has(number)) this.#credit(number, stream, bytes);
    });
  }

  #giveUp(reason: string): void {
    this.#lose(reason);
    this.#connection.input.destroy();
  }

  #lose(reason: string): void {
    if (this.#lost) return;
    this.#lost = new HostLost(this.name, reason);
    clearInterval(this.#pinging);
    for (const { reject } of this.#asked.values()) reject(this.#lost);
    for (const { lose } of this.#running.values()) lose(this.#lost);
    this.#asked.clear();
    this.#running.clear();
  }
}

/** The output of a streamed command; asks for more when enough has been read. */
class Output {
  readonly readable: Readable;
  readonly #ask: (bytes: number) => void;
  #unread = 0;
  #read = 0;

  constructor(ask: (bytes: number) => void) {
    this.#ask = ask;
    this.readable = new Readable({
      read: () => {
        this.#count(this.#unread);
        this.#unread = 0;
      },
    });
  }

  take(piece: Buffer): void {
    if (this.readable.push(piece)) this.#count(piece.length);
    else this.#unread += piece.length;
  }

  #count(bytes: number): void {
    this.#read += bytes;
    if (this.#read < WINDOW_BYTES / 4) return;
    this.#ask(this.#read);
    this.#read = 0;
  }
}

function joined(pieces: readonly Buffer[]): Buffer {
  return pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces);
}
