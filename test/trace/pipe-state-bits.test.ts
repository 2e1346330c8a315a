import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PIPE_STATE_TABLES } from '../../src/host/kernel/pipe-states.ts';
import { pipeStateTable, stateNames } from '../../src/trace/pipe-state-bits.ts';

const freebsd = pipeStateTable('freebsd')!.bits;
const linux = pipeStateTable('linux')!.bits;

describe('stateNames', () => {
  it.each([
    [2048, 'DIRECTOK'],
    [2064, 'DIRECTOK|WANTW'],
    [3072, 'DIRECTOK|DIRECTW'],
    [0x80 | 0x8, 'EOF|WANTR'],
    [0xffc, 'DIRECTOK|DIRECTW|LWANT|LOCKFL|EOF|SEL|WANT|WANTW|WANTR|ASYNC'],
    [0, '0x0'],
    [1, '0x1'],
    [0x1803, 'DIRECTOK|0x1003'],
  ])('writes the FreeBSD state %i as %s', (state, names) => {
    expect(stateNames(state, freebsd)).toBe(names);
  });

  it.each([
    [1, 'EMPTY'],
    [18, 'WRITER_WAITING|FULL'],
    [9, 'READER_WAITING|EMPTY'],
    [4, 'PARTIAL'],
    [0x84, 'PARTIAL|0x80'],
  ])('writes the Linux state %i as %s', (state, names) => {
    expect(stateNames(state, linux)).toBe(names);
  });

  it('loses no bit of any 32-bit word', () => {
    for (const { bits } of PIPE_STATE_TABLES) {
      fc.assert(
        fc.property(fc.integer({ min: 0, max: 0xffffffff }), (state) => {
          const value = stateNames(state, bits)
            .split('|')
            .map((name) => bits.find((each) => each.name === name)?.bit ?? Number(name))
            .reduce((sum, bit) => sum + bit, 0);
          expect(value).toBe(state);
        }),
      );
    }
  });

  it('has no table for a system without pipe states', () => {
    expect(pipeStateTable('darwin')).toBeUndefined();
  });

  it.each(PIPE_STATE_TABLES)('has one name for each bit of $platform', ({ bits }) => {
    expect(new Set(bits.map(({ bit }) => bit)).size).toBe(bits.length);
    expect(new Set(bits.map(({ name }) => name)).size).toBe(bits.length);
    for (const { bit } of bits) expect(Number.isInteger(Math.log2(bit))).toBe(true);
  });
});
