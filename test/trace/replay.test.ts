import { describe, expect, it } from 'vitest';
import { countsFromRaw } from '../../src/trace/replay.ts';
import { countsIn, fixtureLines, freebsdDtrace, SESSIONS } from './recording.ts';

describe('countsFromRaw', () => {
  it.each(SESSIONS)('gives the same counts again for every run of $name', (session) => {
    for (const { pid, start, lines, end } of session.runs) {
      const raw = `${[start, ...lines, end].join('\n')}\n`;
      const { tracer, osName } = session;
      expect(
        countsFromRaw({ tracer, raw, pid, mode: '2proc', architecture: 'x64', osName }),
      ).toEqual(countsIn(lines, session.readLine, pid));
    }
  });

  it('reads the lines of strace from their own first process on', () => {
    const raw = fixtureLines('linux-strace/2proc-pipe.txt').join('\n');
    const run = { raw, pid: 1, mode: '2proc', architecture: 'x64', osName: 'Linux' } as const;
    expect(countsFromRaw({ ...run, tracer: 'strace' })?.io_sizes).toEqual([
      { role: 'receiver', operation: 'read', bytes: 4096, count: 16 },
      { role: 'sender', operation: 'write', bytes: 4096, count: 16 },
    ]);
  });

  it('keeps the names that FreeBSD gave, whatever machine replays them', () => {
    const { pid, lines } = freebsdDtrace.runs[0]!;
    const raw = lines.join('\n');
    for (const architecture of ['x64', 'arm64', 'mips']) {
      const run = { raw, pid, mode: '2proc', architecture, osName: 'FreeBSD' } as const;
      expect(countsFromRaw({ ...run, tracer: 'dtrace' })).toEqual(
        countsIn(lines, freebsdDtrace.readLine, pid),
      );
    }
  });

  it('reads nothing from a tracer or an architecture that it does not know', () => {
    const run = { raw: '', pid: 1, mode: '2proc', osName: 'Linux' } as const;
    expect(countsFromRaw({ ...run, tracer: 'ktrace', architecture: 'x64' })).toBeUndefined();
    expect(countsFromRaw({ ...run, tracer: 'bpftrace', architecture: 'mips' })).toBeUndefined();
  });
});
