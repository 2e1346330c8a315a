import type { Doubt } from '../doubt.ts';
import type { Host, Machine } from '../host/host.ts';
import type { Privilege } from '../host/privilege.ts';
import type { InstrumentName } from '../instruments/instruments.ts';
import type { TraceProgram } from './compose.ts';
import type { RunCounts } from './counts.ts';
import type { RidingScript } from './user-scripts/riding/piece.ts';
import type { ScriptResult } from './user-scripts/user-script.ts';

/** The abilities of a tracer on this machine, for `doctor` and for choosing one. */
export interface Availability {
  readonly state: 'usable' | 'unusable';
  readonly version: string | undefined;
  /** The reason why it is not usable, in one sentence; empty when it is. */
  readonly reason: string;
  /** The one thing to install or type; empty when usable. */
  readonly mend: string;
}

/** The questions to ask, and the programs to ask them about. */
export interface TraceRequest {
  /** The names by which the kernel knows the programs; at least one. */
  readonly execnames: readonly string[];
  readonly instruments: readonly InstrumentName[];
  /** If true, every operation on the pipe is printed, too; this needs pipe-states. */
  readonly events: boolean;
  /** dtrace's `-x` options, which replace the defaults. */
  readonly options: Readonly<Record<string, string>>;
  /** The user's scripts that are part of the session's program. */
  readonly riding?: readonly RidingScript[];
}

/** The properties of a machine on which a tracing program depends. */
export type ProgramMachine = Pick<Machine, 'platform' | 'architecture'>;

/**
 * The cost of tracing on a small machine. These figures are for planning: once runs have been made,
 * their own times are used instead.
 */
export interface TraceCost {
  /** The time from the start of the tracer until its probes are enabled. */
  readonly attachSeconds: number;
  /** The time from the request to end until the tracer has ended. */
  readonly detachSeconds: number;
  /** The time by which each traced run is longer, until its counts have been read. */
  readonly runSeconds: number;
  /** The time by which each message is slower: its write and its read together. */
  readonly messageSeconds: number;
  /** The time to attach and end one of the user's own scripts; 0 if the tracer runs none. */
  readonly scriptSeconds: number;
}

export interface Tracer {
  readonly name: 'dtrace' | 'bpftrace' | 'strace';
  /** False if any user may trace their own processes with it. */
  readonly needsRoot: boolean;
  /** The file-name ending of the user's own scripts for it; undefined if it runs none. */
  readonly scripts: '.d' | '.bt' | undefined;
  /** Whether it accepts `trace.options`. */
  readonly options: boolean;
  /** Whether it can print every operation on the pipe on a given platform. */
  eventsOn(platform: NodeJS.Platform): boolean;
  /** The instruments that it has on a given platform. */
  instrumentsOn(platform: NodeJS.Platform): readonly InstrumentName[];
  /** The cost of using it on a given platform. */
  costOn(platform: NodeJS.Platform): TraceCost;
  check(host: Host, privilege?: Privilege): Promise<Availability>;
  /** The program as it would run on that machine, for `plan` and for a run's identity. */
  program(machine: ProgramMachine, request: TraceRequest): TraceProgram;
  /** Attaches the probes and waits until they are attached. @throws UserError when that fails */
  open(host: Host, request: TraceRequest, privilege?: Privilege): Promise<TraceSession>;
}

/** One tracer process that stays attached over many runs. */
export interface TraceSession {
  /** Once it is `ended`, open another session for the next run. */
  readonly state: 'attached' | 'ended';
  /** Forgets what came between runs; call it right before a run starts. */
  begin(): void | Promise<void>;
  /** To be called at once when a run has ended, so that riding scripts count no longer. */
  readonly runHasEnded?: (rootPid: number) => void;
  /** For a tracer that must start the command itself: returns the words to start instead. */
  readonly wrap?: (command: readonly string[]) => readonly string[];
  /** Waits for the end marker of a run whose root has exited. Never throws. */
  collect(rootPid: number, mode: '2proc' | '2thread'): Promise<Collected>;
  /** Ends the tracer. Safe to call twice. @returns whether it has ended; if not, it still traces */
  close(): Promise<boolean>;
}

/** The results of a session for one run. */
export type Collected = {
  /** The tracer's own lines, as they came; cut at a limit, in which case a doubt says so. */
  readonly raw: string;
  readonly doubts: readonly Doubt[];
  /** The output of the scripts that ride in the session; undefined if none does. */
  readonly scripts?: readonly ScriptResult[];
} & (
  | { readonly state: 'counted'; readonly counts: RunCounts }
  | { readonly state: 'failed'; readonly reason: string }
);
