import type { Doubt } from '../doubt.ts';

/** The process that did it: 2proc's reading parent, its writing child, or 2thread's only one. */
export type Role = 'receiver' | 'sender' | 'both';

/** One of the things by which rows are counted, besides the role; a column in every table. */
export type Key = {
  /** The column's name in the database. */
  readonly name: string;
  /** The column's name in tables, if it is another one. */
  readonly exported?: string;
  readonly description: string;
} & (
  | {
      /**
       * One of a few words. D programs print the word; bpftrace programs print its place in the
       * list, from 0.
       */
      readonly kind: 'word';
      readonly words: readonly string[];
    }
  /** `read` or `write`; bpftrace programs print the number of the system call. */
  | { readonly kind: 'operation' }
  /** An operation, or `write-peer`: what a write finds at the end that it fills. */
  | { readonly kind: 'pipe-operation' }
  /** A system call by its name; a number is looked up, and stays if it has no name. */
  | { readonly kind: 'syscall' }
  /** The platform's state word of a pipe; see trace/pipe-state-bits.ts. */
  | { readonly kind: 'pipe-state' }
  | { readonly kind: 'integer'; readonly unit?: string; readonly minimum?: number }
  /** The lower edge of a bucket that ends below twice that; bucket 0 ends at `first`. */
  | { readonly kind: 'bucket'; readonly unit: string; readonly first: number }
  /** Text without line breaks, such as a folded stack. Only D programs' and bpftrace's readers
   * that say so make it. */
  | { readonly kind: 'text' }
);

/**
 * One thing that an instrument counts: lines of its programs, a table of the database, a table of
 * files.
 */
export interface CountTable {
  /** The table's name in CSV and other files; bpftrace's map is `@` and this name. */
  readonly name: string;
  /** The word with which a D program's lines begin. */
  readonly line: string;
  /** The table of the database. Its columns: run_id, role, the keys, count. */
  readonly stored: string;
  readonly description: string;
  /** For the column `role`, if it needs other words than usual. */
  readonly role?: string;
  readonly keys: readonly Key[];
  /** The unit of the column `count`, and its description. */
  readonly count: { readonly unit: string; readonly description: string };
  /** If true, no file is written if there are no rows. */
  readonly optional?: boolean;
}

/** The places where programs of an instrument can run; each has a program language of its own. */
export type ProgramPlace =
  | 'bpftrace'
  | 'dtrace-freebsd'
  | 'dtrace-linux'
  | 'dtrace-macos'
  | 'dtrace-illumos';

/** A row of a count: its role, its keys by name, and its count. */
export type CountRow = Readonly<Record<string, string | number>> & {
  readonly role: Role;
  readonly count: number;
};

/** A run that has been counted, for the checks. */
export interface Counted {
  /** By the tables' names. */
  readonly rows: Readonly<Record<string, readonly CountRow[]>>;
  readonly ipc: string;
  readonly iterations: number;
  /** Reads and writes on the channel, as io-sizes counted them: all, and those that moved bytes. */
  readonly calls: Readonly<
    Record<'read' | 'write', { readonly all: number; readonly moved: number }>
  >;
}

/** A question that is put to the kernel: everything that the rest of the program knows about it. */
export interface Instrument {
  /** Its name in the spec, and of its folder. */
  readonly name: string;
  readonly question: string;
  /** If true, it is asked unless the spec lists others. */
  readonly isDefault: boolean;
  /**
   * Its programs, files of its folder, by where they run. A place without one cannot answer; the
   * document says why.
   */
  readonly programs: Readonly<Partial<Record<ProgramPlace, string>>>;
  /** If true, what strace prints answers it, too. */
  readonly strace?: boolean;
  /** Programs that are added if events are asked for. */
  readonly eventPrograms?: Readonly<Partial<Record<ProgramPlace, string>>>;
  /** Why the places without a program have none, in a sentence. */
  readonly elsewhere: string;
  readonly cost: string;
  readonly counts: readonly CountTable[];
  /** Checks its rows against the others; finds nothing in a run that was counted whole. */
  readonly check: (run: Counted) => readonly Doubt[];
}
