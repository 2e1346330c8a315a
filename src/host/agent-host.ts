import { ExitCode, UserError } from '../errors.ts';
import { AgentLink, type Answered, joined } from './agent-link.ts';
import { changeableByOthersOn } from './changeable-by-others.ts';
import { type Connection, type ConnectOptions, connect, connectAsRoot } from './connect.ts';
import type { FrameWriter } from './frames.ts';
import type {
  FileState,
  Finished,
  Host,
  HostCommand,
  Machine,
  SavedSetting,
  Streamed,
} from './host.ts';
import type { HostLost } from './host-lost.ts';
import { decodeNames, decodeState, encodeSaved, LONGEST_FILE, Request } from './protocol.ts';
import { SudoRefused } from './refusals.ts';
import { StreamedOutput } from './streamed-output.ts';

const SMALL_FILE = 64 * 1024;

const SIGNALS = { SIGTERM: 'T', SIGKILL: 'K', SIGINT: 'I' } as const;

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

/** A {@link Host} whose every answer comes from an agent. */
export class AgentHost implements Host {
  readonly #link: AgentLink;

  private constructor(link: AgentLink) {
    this.#link = link;
  }

  static async over(name: string, connection: Connection): Promise<AgentHost> {
    return new AgentHost(await AgentLink.over(name, connection));
  }

  get name(): string {
    return this.#link.name;
  }

  get machine(): Machine {
    return this.#link.machine;
  }

  get lost(): boolean {
    return this.#link.lost;
  }

  run(command: HostCommand): Promise<Finished> {
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    return new Promise<Finished>((resolve, reject) => {
      this.#link.start(command, false, {
        output: (stream, piece) => (stream === 0 ? stdout : stderr).push(piece),
        end: (done) => resolve({ ...done, stdout: joined(stdout), stderr: joined(stderr) }),
        lose: reject,
      });
    });
  }

  stream(command: HostCommand): Streamed {
    let number = 0;
    const stdout = new StreamedOutput((bytes) => this.#link.credit(number, 0, bytes));
    const stderr = new StreamedOutput((bytes) => this.#link.credit(number, 1, bytes));
    let settlePid: (pid: number | undefined) => void = () => {};
    let losePid: (why: HostLost) => void = () => {};
    const pid = new Promise<number | undefined>((resolve, reject) => {
      settlePid = resolve;
      losePid = reject;
    });
    const ended = new Promise<Finished>((resolve, reject) => {
      number = this.#link.start(command, true, {
        output: (stream, piece) => (stream === 0 ? stdout : stderr).take(piece),
        started: settlePid,
        end: (done) => {
          settlePid(undefined);
          stdout.end();
          stderr.end();
          const nothing = Buffer.alloc(0);
          resolve({ ...done, stdout: nothing, stderr: nothing });
        },
        lose: (why) => {
          losePid(why);
          // The stream's reader learns from `ended` why there is no more.
          stdout.end();
          stderr.end();
          reject(why);
        },
      });
    });
    // A caller that waits for neither promise learns about a lost host elsewhere.
    pid.catch(() => {});
    ended.catch(() => {});
    return {
      pid,
      ended,
      stdout: stdout.readable,
      stderr: stderr.readable,
      signal: (signal) => this.#link.signal(number, SIGNALS[signal]),
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
    return joined(pieces);
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
    const { refused, body } = await this.#link.ask((to, number) =>
      encodeSaved(to, number, setting),
    );
    if (refused) throw new Error(`${this.name}: ${setting.target}: ${body.toString('utf8')}`);
  }

  ask(pid: number): void {
    this.#link.tell((to) => to.begin(Request.ask, 0).u32(pid).end());
  }

  async hold(port: number, holder: string): Promise<string | undefined> {
    const { refused, body } = await this.#ask(Request.hold, (to) => to.u32(port).text(holder));
    return refused ? body.toString('utf8') : undefined;
  }

  close(): Promise<void> {
    return this.#link.close();
  }

  #ask(type: string, write: (to: FrameWriter) => FrameWriter): Promise<Answered> {
    return this.#link.ask((to, number) => write(to.begin(type, number)).end());
  }
}
