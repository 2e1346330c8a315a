import type { Connection } from './connect.ts';
import { FrameDecoder, FrameError, FrameReader, FrameWriter } from './frames.ts';
import type { Finished, HostCommand, Machine } from './host.ts';
import { HostLost } from './host-lost.ts';
import {
  Answer,
  decodeEnd,
  decodeMachine,
  encodeStart,
  LONGEST_REPLY,
  Reply,
  Request,
} from './protocol.ts';
import { WINDOW_BYTES } from './streamed-output.ts';

const PING_MS = 15_000;
/** How long an agent may take to end what it started before its process is killed. */
const CLOSE_MS = 15_000;

/** Callbacks for a command that runs, from its start to its end. */
export interface CommandCallbacks {
  /** @param stream 0 is stdout, 1 is stderr */
  readonly output: (stream: number, piece: Buffer) => void;
  readonly started?: (pid: number) => void;
  readonly end: (done: Omit<Finished, 'stdout' | 'stderr'>) => void;
  readonly lose: (why: HostLost) => void;
}

interface Running extends CommandCallbacks {
  /** If true, nothing may be sent while it runs. */
  readonly quiet: boolean;
}

/** The agent's answer to a question; the body of a refusal is its reason. */
export interface Answered {
  readonly refused: boolean;
  readonly body: Buffer;
}

interface Asked {
  readonly pieces: Buffer[];
  readonly resolve: (answer: Answered) => void;
  readonly reject: (why: HostLost) => void;
}

/**
 * The conversation with an agent: sends requests, and gives each reply to the one who waits for it.
 * When the link breaks, everything that waits is told with a {@link HostLost}.
 */
export class AgentLink {
  readonly name: string;
  readonly #connection: Connection;
  readonly #writer = new FrameWriter();
  readonly #running = new Map<number, Running>();
  readonly #asked = new Map<number, Asked>();
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

  /** Waits until the agent has said what the machine is. */
  static async over(name: string, connection: Connection): Promise<AgentLink> {
    const link = new AgentLink(name, connection);
    await link.#begin();
    return link;
  }

  get machine(): Machine {
    if (!this.#machine) throw new Error(`${this.name} has not begun`);
    return this.#machine;
  }

  get lost(): boolean {
    return this.#lost !== undefined;
  }

  /**
   * Starts a command.
   * @param asItComes false: its output is sent when it has ended, and nothing else until then
   * @returns its number
   */
  start(command: HostCommand, asItComes: boolean, callbacks: CommandCallbacks): number {
    const number = this.#number();
    if (this.#lost) {
      callbacks.lose(this.#lost);
      return number;
    }
    const { abort } = command;
    const onAbort = () => this.signal(number, 'A');
    const over = () => abort?.removeEventListener('abort', onAbort);
    this.#running.set(number, {
      ...callbacks,
      quiet: !asItComes,
      end: (done) => {
        over();
        callbacks.end(done);
      },
      lose: (why) => {
        over();
        callbacks.lose(why);
      },
    });
    this.#write(encodeStart(this.#writer, number, command, asItComes));
    if (asItComes) for (const stream of [0, 1]) this.credit(number, stream, WINDOW_BYTES);
    abort?.addEventListener('abort', onAbort, { once: true });
    if (abort?.aborted) onAbort();
    return number;
  }

  /** Sends a signal to a running command; does nothing if it has ended. */
  signal(number: number, letter: string): void {
    if (!this.#running.has(number)) return;
    this.#write(this.#writer.begin(Request.signal, number).u8(letter.charCodeAt(0)).end());
  }

  /** Allows a running command to send more of its output; does nothing if it has ended. */
  credit(number: number, stream: number, bytes: number): void {
    if (!this.#running.has(number)) return;
    this.#write(this.#writer.begin(Request.credit, number).u64(bytes).u8(stream).end());
  }

  /** Asks a question. @param frame writes it with the number that it is given */
  ask(frame: (writer: FrameWriter, number: number) => Buffer): Promise<Answered> {
    const number = this.#number();
    return new Promise<Answered>((resolve, reject) => {
      if (this.#lost) {
        reject(this.#lost);
        return;
      }
      this.#asked.set(number, { pieces: [], resolve, reject });
      this.#write(frame(this.#writer, number));
    });
  }

  /** Sends what has no answer. */
  tell(frame: (writer: FrameWriter) => Buffer): void {
    if (!this.#lost) this.#write(frame(this.#writer));
  }

  /** Ends the agent, which kills what it started and puts back what it saved. */
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
      if ([...this.#running.values()].some(({ quiet }) => quiet)) return;
      this.tell((to) => to.begin(Request.ping, 0).end());
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
        this.#running.get(number)?.started?.(pid);
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

  /** Returns a number that pairs a request with its replies; 0 is not used for requests. */
  #number(): number {
    const number = this.#next;
    this.#next = number === 0xffff_ffff ? 1 : number + 1;
    return number;
  }

  #write(frame: Buffer): void {
    this.#connection.input.write(frame);
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

export function joined(pieces: readonly Buffer[]): Buffer {
  return pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces);
}
