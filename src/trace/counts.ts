import type { Cell } from '../experiment/cell.ts';
import type { InstrumentName } from '../experiment/trace-schema.ts';

/** Who made the calls: the reading parent and the writing child of 2proc, or the one process of 2thread. */
export type Role = 'receiver' | 'sender' | 'both';
export type Operation = 'read' | 'write';
/** `write-peer`: what a write finds at the end it fills, where each end has a state of its own. */
export type PipeOperation = Operation | 'write-peer';

export interface SyscallCount {
  readonly role: Role;
  /** Name, or the number in decimal where the name isn't known. */
  readonly syscall: string;
  readonly count: number;
}

export interface PipeStateCount {
  readonly role: Role;
  readonly operation: PipeOperation;
  /** The platform's state word, see `pipe-state-bits.ts`. */
  readonly state: number;
  readonly count: number;
}

export interface PipeTransitionCount {
  readonly role: Role;
  readonly operation: Operation;
  readonly fromState: number;
  readonly toState: number;
  readonly count: number;
}

export interface IoSizeCount {
  readonly role: Role;
  readonly operation: Operation;
  /** What the call returned: bytes moved, 0 at the end of file, negative for an error. */
  readonly bytes: number;
  readonly count: number;
}

/** What a descriptor of the channel leads to; `socket` where the tracer cannot tell of which kind. */
export type ChannelKind = 'pipe' | 'local' | 'tcp' | 'socket';

/** What a run was seen to do besides, for the checks alone: it is not stored. */
export interface Conduct {
  /** Processes that the root has forked, and those that they have. */
  readonly children: number;
  /**
   * Calls on the channel that moved bytes, by what it is and whether they moved less than they were
   * asked for. Empty when the tracer does not tell.
   */
  readonly calls: readonly ChannelCalls[];
  /** The most that calls which moved less were asked for. */
  readonly asked: readonly { readonly operation: Operation; readonly bytes: number }[];
  /** Calls other than read and write that move bytes, on the channel. */
  readonly otherCalls: readonly SyscallCount[];
}

export interface ChannelCalls {
  readonly operation: Operation;
  readonly channel: ChannelKind;
  readonly bytes: number;
  /** True: less than was asked for. */
  readonly cut: boolean;
  readonly count: number;
}

export interface ContextSwitchCount {
  readonly role: Role;
  readonly kind: 'voluntary' | 'involuntary';
  readonly count: number;
}

export interface IoLatencyCount {
  readonly role: Role;
  readonly operation: Operation;
  /** Lower edge of a power-of-two bucket in ns; 0 stands for everything below 256. */
  readonly fromNs: number;
  readonly count: number;
}

/** One read or write on the pipe, as it happened. */
export interface PipeEvent {
  /** Since the run's first event. */
  readonly atNs: number;
  readonly role: Role;
  readonly operation: Operation;
  readonly state: number;
}

/** Everything the instruments counted in one run. */
export interface RunCounts {
  readonly syscalls: readonly SyscallCount[];
  readonly pipeStates: readonly PipeStateCount[];
  readonly pipeTransitions: readonly PipeTransitionCount[];
  readonly ioSizes: readonly IoSizeCount[];
  readonly contextSwitches: readonly ContextSwitchCount[];
  readonly ioLatencies: readonly IoLatencyCount[];
  /** In the order of time; empty unless asked for. */
  readonly events: readonly PipeEvent[];
  /** Undefined for counts that no tracer of ours made. */
  readonly conduct?: Conduct;
}

/** What a run was to do. */
export interface Expectation {
  readonly cell: Cell;
  readonly iterations: number;
  /** What was asked; io-sizes always are. */
  readonly instruments: readonly InstrumentName[];
  readonly events: boolean;
}
