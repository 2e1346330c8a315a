import type { Readable } from 'node:stream';

/** What a machine is, as its agent says when it begins. */
export interface Machine {
  /** As Node names it: linux, freebsd, darwin, sunos. */
  readonly platform: NodeJS.Platform;
  /** As Node names it: x64, arm64, riscv64, ... */
  readonly architecture: string;
  /** As uname(2) has them. */
  readonly osName: string;
  readonly osRelease: string;
  readonly osVersion: string;
  readonly hostname: string;
  readonly processors: number;
  readonly memoryBytes: number;
  /** Who the agent runs as (effective). */
  readonly user: number;
  readonly home: string;
  /** Where ipc-sweep keeps what it builds there: `~/.cache/ipc-sweep`. */
  readonly cacheDir: string;
  /** PATH as the agent was started with. */
  readonly path: string;
  /** The agent's own process: the launcher of tracing programs. */
  readonly agentPid: number;
  /** The agent's own file, with every link in it resolved. */
  readonly agentPath: string;
}

/** A command to start on a host. */
export interface HostCommand {
  /** The program, looked up in the environment's PATH when it holds no slash, and its arguments. */
  readonly words: readonly string[];
  /** The whole environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** Undefined: as the agent's own. */
  readonly folder?: string;
  /** Killed after this much running time: TERM, and KILL half a second later. Undefined: never. */
  readonly deadlineMs?: number;
  /** Kept of each stream; a command that writes more is killed. */
  readonly outputLimits: { readonly stdout: number; readonly stderr: number };
  /**
   * How long what the command has started may go on when it has ended itself; then it is killed,
   * also what has left the group. 0: killed at once.
   */
  readonly lingerMs: number;
  /** Small files that are read just before the start and just after the end; 64 KiB of each. */
  readonly watch?: readonly string[];
  /** Ends the command from outside. */
  readonly abort?: AbortSignal;
}

/** How a command ended. */
export type CommandEnd =
  | { readonly kind: 'exited'; readonly exitCode: number }
  | { readonly kind: 'signalled'; readonly signal: string }
  | { readonly kind: 'timed-out' }
  | { readonly kind: 'aborted' }
  | { readonly kind: 'flooded'; readonly stream: 'stdout' | 'stderr' }
  /** `code` is errno's name, such as ENOENT or ENOEXEC. */
  | { readonly kind: 'not-started'; readonly code: string; readonly reason: string };

/** What the kernel says of a process and its waited-for children when it has ended (wait4(2)). */
export interface ResourceUse {
  readonly userNs: number;
  readonly systemNs: number;
  /** On Linux not less than what the agent itself has, about 1.3 MB. */
  readonly maxRssBytes: number;
  readonly voluntarySwitches: number;
  readonly involuntarySwitches: number;
}

export interface Finished {
  /** Undefined when it never started. */
  readonly pid: number | undefined;
  readonly end: CommandEnd;
  /** By the host's own clock. */
  readonly startedAt: Date;
  /** From just before its start to its end, by the host's monotonic clock. */
  readonly wallNs: number;
  readonly use: ResourceUse | undefined;
  /** Processes of the command that were still there when it had ended itself. */
  readonly left: {
    /** Seen when the command itself had ended. */
    readonly seen: number;
    /** Of these, killed because they did not end in time. */
    readonly killed: number;
    /** Of these, still there seconds after they were killed: they belong to somebody else. */
    readonly remaining: number;
  };
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  /** Of the minute before the start; undefined where the machine does not tell. */
  readonly load1min: number | undefined;
  /** Files of `watch`, in its order; undefined when one could not be read. */
  readonly before: readonly (string | undefined)[];
  readonly after: readonly (string | undefined)[];
}

/** A command whose output comes while it runs: a tracer. */
export interface Streamed {
  /** Settled when it has started; undefined when it could not be. */
  readonly pid: Promise<number | undefined>;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Signals its group. */
  signal(signal: 'SIGTERM' | 'SIGKILL' | 'SIGINT'): void;
  readonly ended: Promise<Finished>;
}

export interface FileState {
  readonly kind: 'file' | 'folder' | 'link' | 'other';
  readonly device: bigint;
  readonly inode: bigint;
  readonly mode: number;
  readonly user: number;
  readonly links: number;
  readonly sizeBytes: number;
  readonly modifiedNs: bigint;
  readonly changedNs: bigint;
}

/** A setting of the machine as it was: a file's text, or a sysctl's value. */
export interface SavedSetting {
  readonly kind: 'file' | 'sysctl';
  /** An absolute path, or a sysctl's name. */
  readonly target: string;
  readonly value: string;
}

/**
 * A machine on which runs happen, this one or another: an agent at the other end of a pipe. When
 * the link breaks, every promise that is open is rejected with a {@link HostLost}.
 */
export interface Host {
  /** `local`, or the destination as the user named it to ssh. */
  readonly name: string;
  readonly machine: Machine;
  /** Runs a command to its end. @throws HostLost; whatever a command does is no exception */
  run(command: HostCommand): Promise<Finished>;
  /** Starts a command whose output comes while it runs. */
  stream(command: HostCommand): Streamed;
  /** A file's first bytes; undefined when it is absent or unreadable. */
  readFile(path: string, limitBytes?: number): Promise<Buffer | undefined>;
  /** Names in a folder, `.` and `..` left out; none when it is absent or unreadable. */
  list(folder: string): Promise<readonly string[]>;
  /** @param follow false: of a link itself. @returns undefined when it is absent */
  stat(path: string, follow?: boolean): Promise<FileState | undefined>;
  /** realpath(3); undefined when it is absent. */
  realPath(path: string): Promise<string | undefined>;
  /**
   * Writes a file of ours into the agent's own folder, which is gone when the agent has ended.
   * @param name a plain file name
   * @returns its absolute path there
   */
  send(name: string, content: Uint8Array, mode?: number): Promise<string>;
  /** Removes a file that was sent. */
  discard(path: string): Promise<void>;
  /** Writes an existing file, not through a link. @returns why it was refused; undefined: done */
  writeSetting(path: string, value: string): Promise<string | undefined>;
  /** Has a setting put back when this host is closed or its agent ends, by whatever. */
  putBackAtEnd(setting: SavedSetting): Promise<void>;
  /** Calls getpriority(2) for a pid there: the question that Linux DTrace's program waits for. */
  ask(pid: number): void;
  /**
   * Keeps other sweeps from this machine until the agent ends, by whatever.
   * @param port of the loopback address there, 1 to 65535
   * @param holder what others are told, one line
   * @returns undefined when it is held, otherwise what its holder says, or why it cannot be held
   */
  hold(port: number, holder: string): Promise<string | undefined>;
  /** Ends the agent: what it started is killed, what it saved is put back. */
  close(): Promise<void>;
  /** True from the moment at which the link is known to be broken. */
  readonly lost: boolean;
}
