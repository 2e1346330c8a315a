import { PIPE_STATE_TABLES, type PipeStateTable } from '../host/kernel/pipe-states.ts';

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
