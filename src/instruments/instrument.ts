import type { Doubt } from '../doubt.ts';

/** The process that did it: 2proc's reading parent, its writing child, or 2thread's only one. */
export type Role = 'receiver' | 'sender' | 'both';
export type Operation = 'read' | 'write';
export const OPERATIONS = ['read', 'write'] as const satisfies readonly Operation[];
/** `write-peer` is what a write finds at the end it fills, where each end has its own state. */
export type PipeOperation = Operation | 'write-peer';
export const PIPE_OPERATIONS = [
  'read',
  'write',
  'write-peer',
] as const satisfies readonly PipeOperation[];

/** Something by which rows are counted, besides the role: a column of every table. */
export type Key = {
  /** The column's name in the database. */
  readonly name: string;
  /** The column's name in tables, if it is another one. */
  readonly exported?: string;
  /** The column's description, if its kind has no words of its own. */
  readonly description?: string;
} & (
  | {
      /** D programs print one of the words; bpftrace programs print its place in the list, from 0. */
      readonly kind: 'word';
      readonly words: readonly string[];
    }
  /** `read` or `write`; bpftrace programs print the number of the system call. */
  | { readonly kind: 'operation' | 'pipe-operation' }
  /** A system call by its name; a number is looked up, and stays if it has no name. */
  | { readonly kind: 'syscall' }
  | {
      /** The platform's state word of a pipe; see trace/pipe-state-bits.ts. */
      readonly kind: 'pipe-state';
      /** The descriptions of two more columns in tables: in hexadecimal, and by name. */
      readonly inHexadecimal?: string;
      readonly byName: string;
    }
  | { readonly kind: 'integer'; readonly unit?: string; readonly minimum?: number }
  /**
   * Functions on a stack, `root;caller;function`, made from what a tracer prints in several lines;
   * the only key of its table. See profile/stack-text.ts.
   */
  | { readonly kind: 'stack' }
);

/** A count: lines of an instrument's programs, a table of the database, a table of files. */
export interface CountTable {
  /** The table's name in CSV and other files; bpftrace's map is `@` and this name. */
  readonly name: string;
  /** The word with which a D program's lines begin. */
  readonly line: string;
  /** The database's table. Its columns are run_id, role, the keys and count. */
  readonly stored: string;
  readonly description: string;
  /** The description of the column `role`, if it needs other words than usual. */
  readonly role?: string;
  readonly keys: readonly Key[];
  /** The meaning of the column `count`. */
  readonly count: { readonly unit: string; readonly description: string };
  /** True if no file is written without rows. */
  readonly optional?: boolean;
  /** How its rows are summed up for each cell; undefined if they are only given run by run. */
  readonly summary?: Summary;
  /** A chart of its summary by size, if no other draws it: such as `Context switches of a run`. */
  readonly chart?: { readonly title: string };
}

export type Summary =
  /** The count of a run, for each role and key: median, quartiles and range over the runs. */
  | { readonly kind: 'per-run' }
  /**
   * The share of each value of the last key among those with the same role and other keys; a key
   * that is left out is first added up over.
   */
  | { readonly kind: 'shares'; readonly leftOut?: string }
  /**
   * Quantiles of the last key, which is the lower edge of a bucket. Bucket 0 ends at `firstBucket`,
   * every other one at twice its lower edge.
   */
  | { readonly kind: 'quantiles'; readonly firstBucket: number };

type ValueOf<K> = K extends { kind: 'word'; words: readonly (infer Word)[] }
  ? Word
  : K extends { kind: 'operation' }
    ? Operation
    : K extends { kind: 'pipe-operation' }
      ? PipeOperation
      : K extends { kind: 'syscall' | 'stack' }
        ? string
        : number;

/** A row that was counted: who did it, the keys by name, and how often. */
export type RowOf<Table extends CountTable> = { readonly role: Role; readonly count: number } & {
  readonly [K in Table['keys'][number] as K['name']]: ValueOf<K>;
};

export type CountRow = { readonly role: Role; readonly count: number } & Readonly<
  Record<string, string | number>
>;

/** The counts of a run, for the checks. */
export interface CountedRun {
  /** By the tables' names. */
  readonly counts: Readonly<Record<string, readonly CountRow[]>>;
  /** The channel of the run's cell. */
  readonly ipc: string;
  readonly iterations: number;
  /** Reads and writes on the channel, by io-sizes: all, and those that moved bytes. */
  readonly calls: Readonly<Record<Operation, { readonly all: number; readonly moved: number }>>;
}

/** A run with what the benchmark and the host say of it. */
export interface ReportedRun extends Pick<CountedRun, 'counts'> {
  /** The benchmark's own counts for each sample, if it reports any (`-g`). */
  readonly samples: readonly {
    readonly voluntarySwitches?: number | undefined;
    readonly involuntarySwitches?: number | undefined;
  }[];
  readonly wallNs: number;
  /** The number of the machine's processors. */
  readonly processors: number;
  /** The name of the system, as `process.platform` has it. */
  readonly platform: string;
}

/** The rows of a table, with the types that its keys have. */
export function rowsIn<const Table extends CountTable>(
  run: Pick<CountedRun, 'counts'>,
  table: Table,
): readonly RowOf<Table>[] {
  return (run.counts[table.name] ?? []) as unknown as readonly RowOf<Table>[];
}

/** How much was counted in all rows. */
export function totalOf(rows: readonly { readonly count: number }[]): number {
  return rows.reduce((total, { count }) => total + count, 0);
}

/** A tracer on a platform: each needs a program of its own. */
export type TracerOnPlatform =
  | 'bpftrace'
  | 'dtrace-freebsd'
  | 'dtrace-linux'
  | 'dtrace-macos'
  | 'dtrace-illumos';

/** A question to the kernel: everything that the rest of the program knows about it. */
export interface Instrument {
  /** Its name in the spec, which is also that of its folder. */
  readonly name: string;
  readonly question: string;
  /** True if it is asked unless the spec lists others. */
  readonly isDefault: boolean;
  /** Its programs, files of its folder. */
  readonly programs: Readonly<Partial<Record<TracerOnPlatform, string>>>;
  /** True if strace's lines answer it, too. */
  readonly inStrace?: boolean;
  /** Programs that follow its own if the spec asks for events. */
  readonly eventPrograms?: Readonly<Partial<Record<TracerOnPlatform, string>>>;
  /**
   * True if bpftrace's program prints when the launcher asks for it, after the root has been waited
   * for: for counts that go on until the root's last moment.
   */
  readonly printsWhenAsked?: boolean;
  /** True if its program walks to the pipe, so that the walk is tried on a known pipe first. */
  readonly walksToPipe?: boolean;
  /** Options of dtrace that its program needs in place of the usual ones; the spec's go first. */
  readonly dtraceOptions?: Readonly<Record<string, string>>;
  /** Why the other places have no program: a sentence, or empty if there are none. */
  readonly elsewhere: string;
  /** The work that it adds to the benchmark's own path. */
  readonly cost: string;
  readonly counts: readonly CountTable[];
  /** Compares its rows with the others; a run that was counted whole gives no doubt. */
  readonly check: (run: CountedRun) => readonly Doubt[];
  /** Compares its rows with what the benchmark and the host report of the run. */
  readonly checkReported?: (run: ReportedRun) => readonly Doubt[];
  /** How its rows are checked, in a sentence. */
  readonly checked: string;
}
