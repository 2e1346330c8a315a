import type { Cell } from '../experiment/cell.ts';
import type { InstrumentName } from '../experiment/trace-schema.ts';

/** The process that made the calls: 2proc's reading parent, its writing child, or 2thread's one. */
export type Role = 'receiver' | 'sender' | 'both';
export type Operation = 'read' | 'write';
/** `write-peer` is what a write finds at the end it fills, where each end has its own state. */
export type PipeOperation = Operation | 'write-peer';

export interface SyscallCount {
  readonly role: Role;
  /** The name, or the number in decimal if the name isn't known. */
  readonly syscall: string;
  readonly count: number;
}

export interface PipeStateCount {
  readonly role: Role;
  readonly operation: PipeOperation;
  /** The platform's state word; see `pipe-state-bits.ts`. */
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
  /** The call's return value: bytes moved, 0 at the end of file, negative for an error. */
  readonly bytes: number;
  readonly count: number;
}

/** The kind of channel that a descriptor leads to; `socket` if the tracer cannot tell more. */
export type ChannelKind = 'pipe' | 'local' | 'tcp' | 'socket';

/** Other things that a run was seen to do. They are used only by the checks and not stored. */
export interface Conduct {
  /** The number of processes forked by the root and by its descendants. */
  readonly children: number;
  /**
   * Calls on the channel that moved bytes, by kind of channel and whether they moved less than was
   * asked for. Empty if the tracer does not tell.
   */
  readonly calls: readonly ChannelCalls[];
  /** The most that was asked for by the calls that moved less. */
  readonly asked: readonly { readonly operation: Operation; readonly bytes: number }[];
  /** Calls other than read and write that move bytes, on the channel. */
  readonly otherCalls: readonly SyscallCount[];
}

export interface ChannelCalls {
  readonly operation: Operation;
  readonly channel: ChannelKind;
  readonly bytes: number;
  /** True if it moved less than was asked for. */
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
  /** The time since the run's first event. */
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
  /** The events in order of time; empty unless they were requested. */
  readonly events: readonly PipeEvent[];
  /** Undefined for counts that were not made by one of our tracers. */
  readonly conduct?: Conduct;
}

/** The work that a run was supposed to do. */
export interface Expectation {
  readonly cell: Cell;
  readonly iterations: number;
  /** The instruments that were requested; io-sizes is always among them. */
  readonly instruments: readonly InstrumentName[];
  readonly events: boolean;
}
