import { describe, expect, it } from 'vitest';
import { readDtraceStderr } from '../../../src/trace/dtrace/dtrace-stderr.ts';
import { fixtureLines } from '../recording.ts';

/** Every different line that dtrace said on stderr on FreeBSD 13.2 and on Linux. */
const recorded = fixtureLines('dtrace-stderr.txt');
const drops = recorded.filter((line) => / drops?\b/.test(line));
const harmless = recorded.filter((line) => / matched \d+ probe| has exited/.test(line));
const errors = recorded.filter((line) => !drops.includes(line) && !harmless.includes(line));

describe('readDtraceStderr', () => {
  it('is tested with messages of every kind', () => {
    expect([drops.length, harmless.length, errors.length]).toEqual([14, 4, 15]);
  });

  it.each(drops)('treats %j as drops', (line) => {
    expect(readDtraceStderr(line)).toEqual({
      code: 'tracer-dropped',
      message: line,
      suspect: true,
    });
  });

  it.each(errors)('treats %j as an error', (line) => {
    expect(readDtraceStderr(line)).toEqual({ code: 'tracer-error', message: line, suspect: true });
  });

  it.each(harmless)('finds nothing wrong with %j', (line) => {
    expect(readDtraceStderr(line)).toBeUndefined();
  });

  it.each([
    '1 drop on CPU 3',
    '60 dynamic variable drops with non-empty dirty list',
    '1 dynamic variable drop with non-empty rinsing list',
    '1 aggregation drop on CPU 0',
    '5 speculative drops',
    '2 failed speculations (available buffer(s) still busy)',
    '1 failed speculation (no speculative buffer available)',
    '1 jstack()/ustack() string table overflow',
    '3 errors in ERROR probe enabling',
  ])('treats "%s" as drops', (text) => {
    expect(readDtraceStderr(`dtrace: ${text}`)?.code).toBe('tracer-dropped');
  });

  it.each([
    'buffer size lowered to 2m',
    'aggregation size lowered to 512k',
    'dynamic variable size lowered to 1m',
    'cleaning rate reduced to 10 hz',
  ])('finds nothing wrong with "%s"', (text) => {
    expect(readDtraceStderr(`dtrace: ${text}`)).toBeUndefined();
  });

  it('ignores what other programs write to the same stderr', () => {
    expect(readDtraceStderr('3+0 records in')).toBeUndefined();
    expect(readDtraceStderr('')).toBeUndefined();
  });

  it('keeps the beginning of an endless error', () => {
    const doubt = readDtraceStderr(`dtrace: processing aborted: ${'x'.repeat(10_000)}`);
    expect(doubt?.message).toHaveLength(500);
  });
});
