import type { Readable } from 'node:stream';

/** The facts about a machine that its agent reports at the start. */
export interface Machine {
  /** The platform as Node names it: linux, freebsd, darwin, sunos. */
  readonly platform: NodeJS.Platform;
  /** The architecture as Node names it: x64, arm64, riscv64, ... */
  readonly architecture: string;
  /** The names and versions as uname(2) reports them. */
  readonly osName: string;
  readonly osRelease: string;
  readonly osVersion: string;
  readonly hostname: string;
  readonly processors: number;
  readonly memoryBytes: number;
  /** The (effective) user that the agent runs as. */
  readonly user: number;
  readonly home: string;
  /** The folder where ipc-sweep keeps what it builds there: `~/.cache/ipc-sweep`. */
  readonly cacheDir: string;
  /** The PATH that the agent was started with. */
  readonly path: string;
  /** The agent's own process, which launches tracing programs. */
  readonly agentPid: number;
  /** The agent's own file, with every link in it resolved. */
  readonly agentPath: string;
}

/** A command to start on a host. */
export interface HostCommand {
  /** The program, looked up in the environment's PATH if it has no slash, and its arguments. */
  readonly words: readonly string[];
  /** The whole environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** The working folder; if undefined, the agent's own. */
  readonly folder?: string;
  /**
   * The running time after which it gets TERM, and KILL half a second later. If undefined, never.
   */
  readonly deadlineMs?: number;
  /** How many bytes of each stream are kept; a command that writes more is killed. */
  readonly outputLimits: { readonly stdout: number; readonly stderr: number };
  /**
   * How long the processes that the command has started may go on after it has ended itself. Then
   * they are killed, even those that have left the group. 0: killed at once.
   */
  readonly lingerMs: number;
  /** Small files that are read just before the start and just after the end, 64 KiB of each. */
  readonly watch?: readonly string[];
  /** The file whose state is taken just before the start; it need not be the first of `words`. */
  readonly program?: string;
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

/** The kernel's figures for a process and its waited-for children after it has ended (wait4(2)). */
export interface ResourceUse {
  readonly userNs: number;
  readonly systemNs: number;
  /** Never less than the agent's own size on Linux, about 1.3 MB. */
  readonly maxRssBytes: number;
  readonly voluntarySwitches: number;
  readonly involuntarySwitches: number;
}

export interface Finished {
  /** The process number, or undefined if it never started. */
  readonly pid: number | undefined;
  readonly end: CommandEnd;
  /** Measured with the host's own clock. */
  readonly startedAt: Date;
  /** The time from just before its start to its end, measured with the host's monotonic clock. */
  readonly wallNs: number;
  readonly use: ResourceUse | undefined;
  /** The command's processes that were still there when it had ended itself. */
  readonly left: {
    /** The number seen when the command itself had ended. */
    readonly seen: number;
    /** How many of these were killed because they did not end in time. */
    readonly killed: number;
    /** How many of these were still there seconds after they were killed: other users own them. */
    readonly remaining: number;
  };
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  /** The load of the minute before the start; undefined if the machine does not tell. */
  readonly load1min: number | undefined;
  /** The texts of the `watch` files, in the same order; undefined if one could not be read. */
  readonly before: readonly (string | undefined)[];
  readonly after: readonly (string | undefined)[];
  /** The state of `program` just before the start; undefined if it was not there, or not asked for. */
  readonly program: FileState | undefined;
}

/** A command whose output comes while it runs: a tracer. */
export interface Streamed {
  /** Settles when it has started; undefined if it could not be started. */
  readonly pid: Promise<number | undefined>;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Sends a signal to its group. */
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

/** A setting of the machine as it was before: a file's text, or a sysctl's value. */
export interface SavedSetting {
  readonly kind: 'file' | 'sysctl';
  /** An absolute path, or the name of a sysctl. */
  readonly target: string;
  readonly value: string;
}

/**
 * A machine on which runs happen, this one or another one: an agent at the other end of a pipe.
 * When the link breaks, every pending promise is rejected with a {@link HostLost}.
 */
export interface Host {
  /** `local`, or the ssh destination as the user gave it. */
  readonly name: string;
  readonly machine: Machine;
  /** Runs a command to its end. @throws HostLost; nothing that a command does is an exception */
  run(command: HostCommand): Promise<Finished>;
  /** Starts a command whose output comes while it runs. */
  stream(command: HostCommand): Streamed;
  /** Reads a file's first bytes; undefined if it is absent or unreadable. */
  readFile(path: string, limitBytes?: number): Promise<Buffer | undefined>;
  /** Lists the names in a folder except `.` and `..`; empty if it is absent or unreadable. */
  list(folder: string): Promise<readonly string[]>;
  /** @param follow false: look at a link itself. @returns undefined if it is absent */
  stat(path: string, follow?: boolean): Promise<FileState | undefined>;
  /** Calls realpath(3); undefined if the path is absent. */
  realPath(path: string): Promise<string | undefined>;
  /**
   * Writes one of our files into the agent's own folder, which is removed when the agent ends.
   * @param name a plain file name
   * @returns its absolute path there
   */
  send(name: string, content: Uint8Array, mode?: number): Promise<string>;
  /** Removes a file that was sent. */
  discard(path: string): Promise<void>;
  /** Writes an existing file, but not through a link. @returns why it was refused, or undefined */
  writeSetting(path: string, value: string): Promise<string | undefined>;
  /** Has a setting put back when this host is closed or its agent ends for any reason. */
  putBackAtEnd(setting: SavedSetting): Promise<void>;
  /** Calls getpriority(2) for a pid there: the call that Linux DTrace's program waits for. */
  ask(pid: number): void;
  /**
   * Keeps other sweeps off this machine until the agent ends for any reason.
   * @param port a port of the loopback address there, 1 to 65535
   * @param holder the line that others are told
   * @returns undefined when it is held, otherwise its holder's line or why it cannot be held
   */
  hold(port: number, holder: string): Promise<string | undefined>;
  /** Ends the agent, which kills what it started and puts back what it saved. */
  close(): Promise<void>;
  /** True from the moment the link is known to be broken. */
  readonly lost: boolean;
}
