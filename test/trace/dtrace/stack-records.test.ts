import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dtraceLines } from '../../../src/trace/dtrace/dtrace-lines.ts';
import type { TraceEvent } from '../../../src/trace/session/events.ts';

/** A stack as the program prints it, in the layout of libdtrace's dt_print_stack(). */
const RECORD = [
  'profile 379.2 378',
  ' kernel`bcopy+0x1a',
  ' kernel`pipe_write+0x40c',
  ' kernel`amd64_syscall',
  'profile_samples 12',
];
const CHILD = { kind: 'child', pid: 379, image: 2, parent: 378 };
const COUNT = { kind: 'count', pid: 379, image: 2, table: 'profile' };

function readAll(lines: readonly string[]): readonly TraceEvent[] {
  const read = dtraceLines(new Map());
  return lines.flatMap((line) => read(line));
}

describe('stacks that D programs print', () => {
  it('are joined from their lines', () => {
    expect(readAll([...RECORD, 'profile_user 379.2 378 5', 'end 378'])).toEqual([
      ...[CHILD, { ...COUNT, keys: ['amd64_syscall;pipe_write;bcopy'], count: 12 }],
      ...[CHILD, { ...COUNT, keys: ['[user code]'], count: 5 }],
      { kind: 'end', pid: 378 },
    ]);
  });

  it('may be empty', () => {
    expect(readAll(['profile 379.2 378', 'profile_samples 2'])).toEqual([
      ...[CHILD, { ...COUNT, keys: ['[no stack]'], count: 2 }],
    ]);
  });

  it('are unknown as a whole if another line comes in between, which is itself read', () => {
    const events = readAll([...RECORD.slice(0, 2), 'end 378', ...RECORD.slice(2)]);
    expect(events.map(({ kind }) => kind)).toEqual([
      'unknown',
      'end',
      'unknown',
      'unknown',
      'unknown',
    ]);
  });

  it('are unknown if they have more functions than the limit allows', () => {
    const lines = [RECORD[0]!, ...Array(65).fill(' kernel`again'), RECORD[4]!];
    expect(readAll(lines).map(({ kind }) => kind)).toEqual(['unknown', 'unknown', 'unknown']);
  });

  it('never become another stack when lines are lost, doubled or cut', () => {
    const stacks = new Set(['amd64_syscall;pipe_write;bcopy', '[user code]']);
    // A line that is lost within a stack can't be noticed: dtrace prints a record in one piece.
    const edits = fc.array(
      fc.record({
        at: fc.nat(11),
        as: fc.constantFrom('cut', 'garbled', 'another') satisfies fc.Arbitrary<string>,
      }),
      { minLength: 1, maxLength: 4 },
    );
    fc.assert(
      fc.property(edits, (all) => {
        const lines = [...RECORD, 'profile_user 379.2 378 5', ...RECORD, 'end 378'];
        for (const { at, as } of all) {
          const line = lines[at] ?? '';
          if (as === 'cut') lines.length = Math.min(lines.length, at);
          else lines[at] = as === 'another' ? 'syscall 379.2 378 read 4' : `${line}\u0000\u0007`;
        }
        for (const event of readAll(lines)) {
          if (event.kind !== 'count' || event.table !== 'profile') continue;
          expect(stacks).toContain(event.keys[0]);
        }
      }),
    );
  });
});
