import { describe, expect, it } from 'vitest';
import { readOutputOf } from '../../../src/trace/user-scripts/read-output.ts';
import { line } from './fixture.ts';

const read = (...printed: readonly string[]) =>
  readOutputOf({ tracer: 'bpftrace', json: false, text: '' }, printed.join('\n'));
const hist = (bucket: string) => `{"type": "hist", "data": {"@x": [${bucket}]}}`;

describe('the numbers in the output of a script', () => {
  it.each([
    ['a value without end', '{"type": "map", "data": {"@x": 1e999}}'],
    ['a count without end', hist('{"min": 1, "max": 1, "count": 1e999}')],
    ['half an edge', hist('{"min": 0.5, "max": 1, "count": 2}')],
    ['an edge of more than 64 bits', hist('{"min": 1e300, "max": 2e300, "count": 2}')],
  ])('are left out with a note if no database can hold them: %s', (_, printed) => {
    const { aggregates, unread } = read(printed, '{"type": "map", "data": {"@y": 3}}');
    expect(aggregates.map(line)).toEqual(['y[]  = 3']);
    expect(unread).toEqual(['@x[]: a number out of range']);
  });

  it('leave the highest bucket of 64 bits without an upper end', () => {
    const top = hist('{"min": 4611686018427387904, "max": 9223372036854775807, "count": 2}');
    const { aggregates, unread } = read(top);
    expect(aggregates).toMatchObject([{ bucketFrom: 2n ** 62n, bucketTo: null, value: 2 }]);
    expect(unread).toEqual([]);
  });

  it('leave the lowest bucket of 64 bits without a lower end', () => {
    const bottom = hist('{"min": -9223372036854775808, "max": -4611686018427387904, "count": 2}');
    const { aggregates, unread } = read(bottom);
    expect(aggregates).toMatchObject([{ bucketFrom: null, bucketTo: -(2n ** 62n), value: 2 }]);
    expect(unread).toEqual([]);
  });

  it('leave the processor unknown when they are not whole', () => {
    const probe = '"timestamp":1,"cpu":1.5,"id":2,"function":"read","name":"entry"';
    const raw = `{"dtrace":{"probes":[{${probe},"output":[{"message":"hi"}]}]}}`;
    const { events } = readOutputOf({ tracer: 'dtrace', json: true, text: '' }, raw);
    expect(events).toEqual([{ probe: 'read:entry', cpu: null, text: 'hi' }]);
  });
});
