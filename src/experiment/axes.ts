import { HOST_NAME, HOST_NAME_EXPECTED } from '../host/host-name.ts';
import { LIMITS } from './limits.ts';
import { PROGRAM_NAME, PROGRAM_NAME_EXPECTED } from './program-name.ts';

/** A channel, as far as the rest of the program has to know it. */
interface Channel {
  /** Whether its buffers can be set (`-s`). */
  readonly hasSockets: boolean;
  /**
   * The kinds of descriptor on which tracers see every byte read and written. Without one, no
   * system call moves bytes.
   */
  readonly seenOn: readonly string[];
  /** The cost of a message on a small machine, for estimates; bench/estimate.mjs checks it. */
  readonly secondsPerMessage: number;
}

/** Everything that carries bytes. A new channel is a line here, and a case of the benchmark's `-i`. */
export const CHANNELS = {
  pipe: { hasSockets: false, seenOn: ['pipe'], secondsPerMessage: 0.7e-6 },
  local: { hasSockets: true, seenOn: ['local', 'socket'], secondsPerMessage: 2e-6 },
  tcp: { hasSockets: true, seenOn: ['tcp', 'socket'], secondsPerMessage: 4e-6 },
  shmem: { hasSockets: false, seenOn: [], secondsPerMessage: 7e-6 },
} as const satisfies Readonly<Record<string, Channel>>;

export type Ipc = keyof typeof CHANNELS;
export const IPC_TYPES = Object.keys(CHANNELS) as readonly Ipc[];

export const MODES = ['2proc', '2thread'] as const;
export type Mode = (typeof MODES)[number];

export type AxisValue = string | number | boolean;

/** The facts that every axis has. */
interface AnyAxis {
  /** The property of a cell that holds its value. */
  readonly field: string;
  /** The column that holds it in the database and in every table. A flag is stored as 0 or 1. */
  readonly column: string;
  /** Its name above a column of a printed table. */
  readonly heading: string;
  /** The word before its value in the name of a cell, such as `of` in `4 KiB of 1 MiB`. */
  readonly preposition?: string;
  /** The description of its column. */
  readonly inTables: string;
}

/** An axis to which a matrix gives values. */
interface MatrixAxis<Value> extends AnyAxis {
  readonly defaultValue: Value;
  /** The option of the benchmark that sets it; without one, the value itself is the argument. */
  readonly option?: string;
  /** Its name in the benchmark's `benchmark_configuration`, if it is printed there. */
  readonly printedAs?: string;
  /** Its description in the schema of a spec. */
  readonly inSpec: string;
}

/** One of a few words. */
interface WordAxis extends MatrixAxis<string> {
  readonly kind: 'word';
  readonly words: readonly string[];
}

/** A number of bytes. */
interface SizeAxis extends MatrixAxis<number> {
  readonly kind: 'size';
  readonly option: string;
  readonly most: number;
  readonly mostInWords: string;
}

interface FlagAxis extends MatrixAxis<boolean> {
  readonly kind: 'flag';
  readonly option: string;
}

/**
 * A name that another part of the spec defines. Only some sweeps have such an axis; the cells of
 * the others have no value on it, and an empty text is stored.
 */
interface NameAxis extends AnyAxis {
  readonly kind: 'name';
  readonly pattern: RegExp;
  /** Completes "expected ...". */
  readonly expected: string;
  /** Completes "it is not ...", said of a word that does not match the pattern. */
  readonly called: string;
  /** Completes "it is no axis here: ...", said of a condition that uses it. */
  readonly absent: string;
}

export type Axis = WordAxis | SizeAxis | FlagAxis | NameAxis;

/**
 * Everything in which cells can differ, by its name in a spec, in the order of the columns of every
 * table. A new axis is an entry here and a column of the table `cell` in a new schema.
 */
const TABLE = {
  ipc: {
    kind: 'word',
    field: 'ipc',
    column: 'ipc',
    words: IPC_TYPES,
    defaultValue: 'pipe',
    option: '-i',
    printedAs: 'ipctype',
    heading: 'channel',
    inSpec: 'The channel (-i).',
    inTables: 'the channel',
  },
  mode: {
    kind: 'word',
    field: 'mode',
    column: 'mode',
    words: MODES,
    defaultValue: '2proc',
    printedAs: 'mode',
    heading: 'mode',
    inSpec: 'Two processes or two threads.',
    inTables: 'two processes or two threads',
  },
  buffer_size: {
    kind: 'size',
    field: 'bufferBytes',
    column: 'buffer_bytes',
    most: LIMITS.bufferBytes,
    mostInWords: '1 GiB',
    defaultValue: 128 * 1024,
    option: '-b',
    printedAs: 'buffersize',
    heading: 'buffer',
    inSpec: 'Bytes of one read or write call (-b).',
    inTables: 'size of one read or write call (`-b`)',
  },
  total_size: {
    kind: 'size',
    field: 'totalBytes',
    column: 'total_bytes',
    most: LIMITS.totalBytes,
    mostInWords: '1 TiB',
    defaultValue: 16 * 1024 ** 2,
    option: '-t',
    printedAs: 'totalsize',
    heading: 'total',
    preposition: 'of',
    inSpec: 'Bytes moved in one iteration (-t).',
    inTables: 'moved in one iteration (`-t`)',
  },
  socket_buffers: {
    kind: 'flag',
    field: 'socketBuffers',
    column: 'socket_buffers',
    defaultValue: false,
    option: '-s',
    heading: 'socket buffers set',
    inSpec: 'Set the socket buffers to the buffer size (-s; local and tcp only).',
    inTables: 'socket buffers set to the buffer size (`-s`)',
  },
  host: {
    kind: 'name',
    field: 'host',
    column: 'host',
    pattern: HOST_NAME,
    expected: HOST_NAME_EXPECTED,
    called: 'a host',
    absent: 'only with `assign: every-host` does it tell cells apart',
    heading: 'host',
    preposition: 'on',
    inTables:
      'where the runs were made, as the spec names it: `local`, or what ssh was told; empty where it is not known, as of an import',
  },
  program: {
    kind: 'name',
    field: 'program',
    column: 'program',
    pattern: PROGRAM_NAME,
    expected: PROGRAM_NAME_EXPECTED,
    called: 'the name of a program',
    absent: 'only `benchmark.programs` makes it one',
    heading: 'program',
    preposition: 'by',
    inTables:
      'the name of the benchmark in `benchmark.programs`; empty in a sweep with a single benchmark',
  },
} as const satisfies Readonly<Record<string, Axis>>;

export type AxisTable = typeof TABLE;
export type AxisName = keyof AxisTable;
export type AxisKind = Axis['kind'];

/** The names of the axes of a kind. */
export type AxisOfKind<Kind extends AxisKind> = {
  [Name in AxisName]: AxisTable[Name]['kind'] extends Kind ? Name : never;
}[AxisName];
export type MatrixAxisName = AxisOfKind<'word' | 'size' | 'flag'>;
export type OuterAxisName = AxisOfKind<'name'>;
export type AxisField = AxisTable[AxisName]['field'];
export type AxisColumn = AxisTable[AxisName]['column'];

/** The facts about each axis, by its name. */
export const AXIS: { readonly [Name in AxisName]: Axis & AxisTable[Name] } = TABLE;

/** All axes, in the order in which tables show them. */
export const AXES_IN_TABLES = Object.keys(TABLE) as readonly AxisName[];

/** The axes of these kinds, one kind after the other; those of one kind as tables show them. */
export function axesOfKinds<Kind extends AxisKind>(
  ...kinds: readonly Kind[]
): readonly AxisOfKind<Kind>[] {
  const all = kinds.flatMap((kind) => AXES_IN_TABLES.filter((name) => AXIS[name].kind === kind));
  return all as readonly AxisName[] as readonly AxisOfKind<Kind>[];
}

/** The axes to which a matrix gives values, in the order of `plan`: the slowest-changing first. */
export const MATRIX_AXES: readonly MatrixAxisName[] = [
  ...axesOfKinds('word', 'flag'),
  ...axesOfKinds('size').toReversed(),
];
/** The other axes of cells: hosts that each run the whole matrix, and programs to compare. */
export const OUTER_AXES = axesOfKinds('name');
export const AXES: readonly AxisName[] = [...OUTER_AXES, ...MATRIX_AXES];

/** Every word that a spec can have as a value of an axis. */
export const AXIS_WORDS: readonly string[] = axesOfKinds('word').flatMap(
  (name): readonly string[] => AXIS[name].words,
);
