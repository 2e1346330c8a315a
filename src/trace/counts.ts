import type { CHANNELS, Ipc } from '../experiment/axes.ts';
import type { Cell } from '../experiment/cell.ts';
import type { Operation, Role } from '../instruments/instrument.ts';
import type { CountRows, InstrumentName } from '../instruments/instruments.ts';

/** The kind of channel that a descriptor leads to; `socket` if the tracer cannot tell more. */
export type ChannelKind = (typeof CHANNELS)[Ipc]['seenOn'][number];

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
  readonly otherCalls: readonly OtherCalls[];
}

export interface ChannelCalls {
  readonly operation: Operation;
  readonly channel: ChannelKind;
  readonly bytes: number;
  /** True if it moved less than was asked for. */
  readonly cut: boolean;
  readonly count: number;
}

export interface OtherCalls {
  readonly role: Role;
  readonly syscall: string;
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

/** Everything the instruments counted in one run, by the tables' names. */
export interface RunCounts extends CountRows {
  /** The events in order of time; empty unless they were requested. */
  readonly events: readonly PipeEvent[];
  /** Undefined for counts that were not made by one of our tracers. */
  readonly conduct?: Conduct;
}

/** The work that a run was supposed to do. */
export interface ExpectedWork {
  readonly cell: Cell;
  readonly iterations: number;
  /** The instruments that were requested; io-sizes is always among them. */
  readonly instruments: readonly InstrumentName[];
  readonly events: boolean;
}
