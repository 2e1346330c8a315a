/** The names of a pipe's state bits on one platform; the version is stored with the raw numbers. */
export interface PipeStateTable {
  readonly platform: 'linux' | 'freebsd';
  readonly version: number;
  /** The bits in the order in which they are written. */
  readonly bits: readonly { readonly bit: number; readonly name: string }[];
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

/** PIPE_* of sys/pipe.h, without the prefix. */
const FREEBSD: PipeStateTable = {
  platform: 'freebsd',
  version: 1,
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
  ],
};

export const PIPE_STATE_TABLES: readonly PipeStateTable[] = [LINUX, FREEBSD];

export function pipeStateTable(platform: string): PipeStateTable | undefined {
  return PIPE_STATE_TABLES.find((table) => table.platform === platform);
}

/**
 * Writes a state word as names, such as `DIRECTOK|WANTW`, highest bit first. Bits without a name
 * stay in hexadecimal; 0 is `0x0`.
 */
export function stateNames(state: number, bits: PipeStateTable['bits']): string {
  const names: string[] = [];
  let rest = state;
  for (const { bit, name } of [...bits].sort((a, b) => b.bit - a.bit)) {
    if ((rest & bit) !== 0) {
      names.push(name);
      rest &= ~bit;
    }
  }
  if (rest !== 0 || names.length === 0) names.push(`0x${(rest >>> 0).toString(16)}`);
  return names.join('|');
}

/** Writes a word of bits in hexadecimal, with at least three digits. */
export function stateHex(state: number): string {
  return `0x${state.toString(16).padStart(3, '0')}`;
}
