import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bpftraceLines } from '../../../src/trace/bpftrace/bpftrace-lines.ts';

const read = bpftraceLines({ names: new Map(), readNumber: 0, writeNumber: 1 });
/** A line as bpftrace 0.17 prints it. */
const map = (name: string, entries: string) => `{"type": "map", "data": {"${name}": {${entries}}}}`;
const IMAGE = 2 ** 32;
const count = (pid: number, stack: string, samples: number) => ({
  kind: 'count',
  ...{ pid, image: 1, table: 'profile', keys: [stack], count: samples },
});

describe('maps of stacks that bpftrace prints', () => {
  it('are read with the root of each stack first, and addresses within a function are added up', () => {
    const entries = [
      `"${IMAGE + 7},\\n    vfs_write+920\\n    ksys_write+186\\n": 3`,
      `"${IMAGE + 7},\\n    vfs_write+12\\n    ksys_write+186\\n": 4`,
      `"${IMAGE + 8},\\n    vfs_write+12\\n    ksys_write+186\\n": 5`,
    ];
    expect(read(map('@profile', entries.join(', ')))).toEqual([
      count(7, 'ksys_write;vfs_write', 7),
      count(8, 'ksys_write;vfs_write', 5),
    ]);
  });

  it('keep samples without a stack, even where several such keys look the same', () => {
    const empty = `"${IMAGE + 7},": `;
    expect(read(map('@profile', `${empty}3, ${empty}4`))).toEqual([count(7, '[no stack]', 7)]);
  });

  it('of user code distinguish the program from its libraries', () => {
    expect(read(map('@profile_user', `"${IMAGE + 7},0": 3, "${IMAGE + 7},1": 4`))).toEqual([
      count(7, '[user code];[libraries]', 3),
      count(7, '[user code];[program]', 4),
    ]);
    expect(read(map('@profile_user', `"${IMAGE + 7},2": 3`))).toMatchObject([{ kind: 'unknown' }]);
  });

  it.each([
    ['a key without a process', map('@profile', '"\\n    vfs_write+920\\n": 3')],
    ['a stack with a control character', map('@profile', `"${IMAGE},\\n  a\\u001b[31m+1\\n": 3`)],
    ['a count that is none', map('@profile', `"${IMAGE},\\n    a+1\\n": -3`)],
    [
      'a count among others that is none',
      map('@profile', `"${IMAGE},\\n    a+1\\n": 3, "${IMAGE},\\n    b+1\\n": -3`),
    ],
    ['a line that was cut', map('@profile', `"${IMAGE},\\n    a+1\\n": 3`).slice(0, -9)],
    [
      'two maps in one line',
      `{"type": "map", "data": {"@profile": {"${IMAGE},\\n    a+1\\n": 3}, "@exits": {"7": 1}}}`,
    ],
    [
      'another map of the same form in the line',
      `{"type": "map", "data": {"@profile": {"${IMAGE},\\n    a+1\\n": 3}, "@syscalls": {"7,0": 1}}}`,
    ],
  ])('are unknown with %s', (_, line) => {
    expect(read(line)).toMatchObject([{ kind: 'unknown' }]);
  });

  it('have as many samples after folding as before', () => {
    const frame = fc.tuple(fc.constantFrom('a', 'b', 'c.isra.0'), fc.nat(3));
    const stack = fc.array(frame, { maxLength: 4 });
    const key = fc.tuple(fc.constantFrom(7, 8), stack, fc.nat(100));
    fc.assert(
      fc.property(fc.array(key, { maxLength: 20 }), (keys) => {
        const entries = keys.map(([pid, frames, samples]) => {
          const text = frames.map(([name, at]) => `\n    ${name}+${at}`).join('');
          return `${JSON.stringify(`${IMAGE + pid},${text}\n`)}: ${samples}`;
        });
        const events = read(map('@profile', entries.join(', ')));
        const sum = events.reduce(
          (all, event) => all + (event.kind === 'count' ? event.count : NaN),
          0,
        );
        expect(sum).toBe(keys.reduce((all, [, , samples]) => all + samples, 0));
        expect(new Set(events.map((event) => JSON.stringify({ ...event, count: 0 }))).size).toBe(
          events.length,
        );
      }),
    );
  });
});
