import type { Doubt } from '../doubt.ts';
import type { InstrumentName } from '../experiment/trace-schema.ts';
import type { Host, Machine } from '../host/host.ts';
import type { Privilege } from '../host/privilege.ts';
import type { TraceProgram } from './compose.ts';
import type { RunCounts } from './counts.ts';

/** What a tracer can do on this machine, for `doctor` and for choosing. */
export interface Availability {
  readonly state: 'usable' | 'unusable';
  readonly version: string | undefined;
  /** Why not, in one sentence; empty when usable. */
  readonly reason: string;
  /** The one thing to install or type; empty when usable. */
  readonly mend: string;
}

/** What is to be asked, of which programs. */
export interface TraceRequest {
  /** By which the kernel knows them; at least one. */
  readonly execnames: readonly string[];
  readonly instruments: readonly InstrumentName[];
  /** Also print every operation on the pipe; needs pipe-states. */
  readonly events: boolean;
  /** dtrace's `-x` options, in place of the defaults. */
  readonly options: Readonly<Record<string, string>>;
}

/** What a tracing program depends on. */
export type ProgramMachine = Pick<Machine, 'platform' | 'architecture'>;

/**
 * What tracing takes on a small machine. These are figures to plan with: once runs have
 * been made, their own times are used instead.
 */
export interface TraceCost {
  /** From the start of the tracer until its probes are enabled. */
  readonly attachSeconds: number;
  /** From the request to end until the tracer has ended. */
  readonly detachSeconds: number;
  /** By which each traced run is longer, until its counts have been read. */
  readonly runSeconds: number;
  /** By which each message is slower: its write and its read together. */
  readonly messageSeconds: number;
  /** To attach one of the user's own scripts to a run and to end it; 0 for a tracer that runs none. */
  readonly scriptSeconds: number;
}

export interface Tracer {
  readonly name: 'dtrace' | 'bpftrace' | 'strace';
  /** False: any user may trace their own processes with it. */
  readonly needsRoot: boolean;
  /** How the files of the user's own scripts for it end; undefined when it runs none. */
  readonly scripts: '.d' | '.bt' | undefined;
  /** Whether it takes `trace.options`. */
  readonly options: boolean;
  /** Whether it can print every operation on the pipe on a platform. */
  eventsOn(platform: NodeJS.Platform): boolean;
  /** What it can ask on a platform. */
  instrumentsOn(platform: NodeJS.Platform): readonly InstrumentName[];
  /** What it takes on a platform. */
  costOn(platform: NodeJS.Platform): TraceCost;
  check(host: Host, privilege?: Privilege): Promise<Availability>;
  /** The program as it would run there, for `plan` and for a run's identity. */
  program(machine: ProgramMachine, request: TraceRequest): TraceProgram;
  /** Attaches the probes and waits until they are. @throws UserError when that fails */
  open(host: Host, request: TraceRequest, privilege?: Privilege): Promise<TraceSession>;
}

/** One tracer process that stays attached over many runs. */
export interface TraceSession {
  /** Ended: open another one for the next run. */
  readonly state: 'attached' | 'ended';
  /** Forgets what came in between runs; call it right before a run starts. */
  begin(): void;
  /** For a tracer that has to start the command itself: the words to start instead. */
  readonly wrap?: (command: readonly string[]) => readonly string[];
  /** Waits for the end marker of a run whose root has exited. Never throws. */
  collect(rootPid: number, mode: '2proc' | '2thread'): Promise<Collected>;
  /** Ends the tracer. Safe to call twice. @returns whether it has ended; if not, it still traces */
  close(): Promise<boolean>;
}

/** What a session has to say about one run. */
export type Collected = {
  /** The tracer's own lines, as they came; cut at a limit, and then a doubt says so. */
  readonly raw: string;
  readonly doubts: readonly Doubt[];
} & (
  | { readonly state: 'counted'; readonly counts: RunCounts }
  | { readonly state: 'failed'; readonly reason: string }
);
