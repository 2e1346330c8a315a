interface PipeStateBit {
  readonly bit: number;
  readonly name: string;
  /** True if the kernel's word has no such bit, and only pipe-dwell adds it. */
  readonly onlyInDwell?: true;
}

/** The names of a pipe's state bits on one platform; the version is stored with the raw numbers. */
export interface PipeStateTable {
  readonly platform: 'linux' | 'freebsd';
  readonly version: number;
  /** The bits in the order in which they are written. */
  readonly bits: readonly PipeStateBit[];
}

/** Derived by our programs from struct pipe_inode_info; see pipe-states.bt and pipe-states.d. */
const LINUX: PipeStateTable = {
  platform: 'linux',
  version: 1,
  bits: [
    { bit: 0x1, name: 'EMPTY' },
    { bit: 0x2, name: 'FULL' },
    { bit: 0x4, name: 'PARTIAL' },
    { bit: 0x8, name: 'READER_WAITING' },
    { bit: 0x10, name: 'WRITER_WAITING' },
    { bit: 0x20, name: 'NO_WRITERS' },
    { bit: 0x40, name: 'NO_READERS' },
  ],
};

/** PIPE_* of sys/pipe.h, without the prefix; and how full the pipe is, as pipe-dwell adds it. */
const FREEBSD: PipeStateTable = {
  platform: 'freebsd',
  version: 2,
  bits: [
    { bit: 0x4, name: 'ASYNC' },
    { bit: 0x8, name: 'WANTR' },
    { bit: 0x10, name: 'WANTW' },
    { bit: 0x20, name: 'WANT' },
    { bit: 0x40, name: 'SEL' },
    { bit: 0x80, name: 'EOF' },
    { bit: 0x100, name: 'LOCKFL' },
    { bit: 0x200, name: 'LWANT' },
    { bit: 0x400, name: 'DIRECTW' },
    { bit: 0x800, name: 'DIRECTOK' },
    { bit: 0x10000, name: 'EMPTY', onlyInDwell: true },
    { bit: 0x20000, name: 'FULL', onlyInDwell: true },
    { bit: 0x40000, name: 'PARTIAL', onlyInDwell: true },
  ],
};

export const PIPE_STATE_TABLES: readonly PipeStateTable[] = [LINUX, FREEBSD];

/** The states that at least one kernel has. */
export const PIPE_STATES: readonly string[] = [
  ...new Set(PIPE_STATE_TABLES.flatMap(({ bits }) => bits.map(({ name }) => name))),
];
