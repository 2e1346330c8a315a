import { describe, expect, it } from 'vitest';
import { checkConservation } from '../../src/trace/check.ts';
import { pipeStateTable, stateNames } from '../../src/trace/pipe-state-bits.ts';
import {
  countsIn,
  FREEBSD_BUFFERS,
  freebsdDtrace,
  instrumentsOf,
  linesOf,
  linuxBpftrace,
  linuxDtrace,
  SESSIONS,
  totalOf,
} from './recording.ts';

describe.each(SESSIONS)('the session recorded with $name', (session) => {
  it('holds the runs that were made', () => {
    expect(session.runs.length).toBe(
      session === linuxDtrace ? 10 : session === freebsdDtrace ? 6 : 5,
    );
  });

  it('has no line that is not understood', () => {
    const events = linesOf(session).flatMap((line) => session.readLine(line));
    expect(events.filter(({ kind }) => kind === 'unknown')).toEqual([]);
    expect(events.filter(({ kind }) => kind === 'ready')).toHaveLength(1);
  });

  it('gives as many reads as writes in every run, total / buffer of them', () => {
    for (const { pid, cell, lines } of session.runs) {
      const counts = countsIn(lines, session.readLine, pid);
      const calls = (operation: string) =>
        totalOf(counts.io_sizes, (row) => row.operation === operation);
      const messages = cell.totalBytes / cell.bufferBytes;
      const pieces = Math.max(1, cell.bufferBytes / 65536);
      expect([calls('read'), calls('write')]).toEqual([messages * pieces, messages]);
    }
  });

  it('passes the checks of every run without a doubt', () => {
    for (const { pid, cell, lines } of session.runs) {
      const counts = countsIn(lines, session.readLine, pid);
      const instruments = instrumentsOf(session);
      expect(
        checkConservation(counts, { cell, iterations: 1, instruments, events: false }),
      ).toEqual([]);
    }
  });

  it('counts a state for every read and write', () => {
    for (const { pid, lines } of session.runs) {
      const { pipe_states, io_sizes } = countsIn(lines, session.readLine, pid);
      for (const operation of ['read', 'write'] as const) {
        expect(totalOf(pipe_states, (row) => row.operation === operation)).toBe(
          totalOf(io_sizes, (row) => row.operation === operation),
        );
      }
    }
  });

  it('gives each run the same counts when all runs are read as one stream', () => {
    for (const { pid, lines } of session.runs) {
      expect(countsIn(linesOf(session), session.readLine, pid)).toEqual(
        countsIn(lines, session.readLine, pid),
      );
    }
  });

  it('has only reads by the receiver and writes by the sender on the pipe', () => {
    for (const { pid, lines } of session.runs) {
      const { io_sizes, pipe_states } = countsIn(lines, session.readLine, pid);
      for (const { role, operation } of [...io_sizes, ...pipe_states]) {
        expect(`${role} ${operation}`).toMatch(/^(receiver read|sender write)$/);
      }
    }
  });
});

describe('FreeBSD 13.2', () => {
  const bits = pipeStateTable('freebsd')!.bits;
  const statesOf = (bufferBytes: number, operation: string) => {
    const { pid, lines } = freebsdDtrace.runs[FREEBSD_BUFFERS.indexOf(bufferBytes as 512)]!;
    return Object.fromEntries(
      countsIn(lines, freebsdDtrace.readLine, pid)
        .pipe_states.filter((row) => row.operation === operation)
        .map(({ state, count }) => [stateNames(state, bits), count]),
    );
  };

  it('shows buffered writes at the read end below 8192 bytes', () => {
    expect(statesOf(512, 'read')).toEqual({ DIRECTOK: 1577, 'DIRECTOK|WANTW': 471 });
    expect(statesOf(4096, 'read')).toEqual({ DIRECTOK: 93, 'DIRECTOK|WANTW': 163 });
  });

  it.each([
    [8192, 127],
    [16384, 63],
    [65536, 15],
    [1048576, 15],
  ])('shows direct writes at the read end at %i bytes', (bufferBytes, direct) => {
    expect(statesOf(bufferBytes, 'read')).toEqual({ DIRECTOK: 1, 'DIRECTOK|DIRECTW': direct });
  });

  it.each(FREEBSD_BUFFERS)('shows only DIRECTOK at the write end at %i bytes', (bufferBytes) => {
    expect(statesOf(bufferBytes, 'write')).toEqual({ DIRECTOK: 1048576 / bufferBytes });
  });

  it('reads at most 65536 bytes at a time', () => {
    const { pid, lines } = freebsdDtrace.runs.at(-1)!;
    expect(countsIn(lines, freebsdDtrace.readLine, pid).io_sizes).toEqual([
      { role: 'receiver', operation: 'read', bytes: 65536, count: 16 },
      { role: 'sender', operation: 'write', bytes: 1048576, count: 1 },
    ]);
  });

  it('uses counts that came with a later print of the same run', () => {
    const { pid, lines } = freebsdDtrace.runs.at(-1)!;
    const { syscalls } = countsIn(lines, freebsdDtrace.readLine, pid);
    expect(syscalls).toContainEqual({ role: 'receiver', syscall: 'munmap', count: 6 });
    expect(syscalls).toContainEqual({ role: 'receiver', syscall: 'exit', count: 1 });
  });

  it('counts the two reads of start-up files only among the system calls', () => {
    for (const { pid, lines } of freebsdDtrace.runs) {
      const { syscalls, io_sizes } = countsIn(lines, freebsdDtrace.readLine, pid);
      expect(totalOf(syscalls, ({ syscall }) => syscall === 'read')).toBe(
        totalOf(io_sizes, ({ operation }) => operation === 'read') + 2,
      );
    }
  });
});

describe('Linux', () => {
  it('names system calls by their numbers', () => {
    const { pid, lines } = linuxBpftrace.runs[0]!;
    const { syscalls } = countsIn(lines, linuxBpftrace.readLine, pid);
    expect(syscalls).toContainEqual({ role: 'receiver', syscall: 'read', count: 2053 });
    expect(syscalls).toContainEqual({ role: 'sender', syscall: 'write', count: 2048 });
    expect(syscalls.filter(({ syscall }) => /^\d+$/.test(syscall))).toEqual([]);
  });

  it('shows the same states under both tracers', () => {
    const names = (session: typeof linuxDtrace) =>
      new Set(
        session.runs
          .filter(({ cell }) => cell.bufferBytes === 16384)
          .flatMap(({ pid, lines }) => countsIn(lines, session.readLine, pid).pipe_states)
          .map(({ operation, state }) => `${operation} ${state}`),
      );
    for (const name of names(linuxBpftrace)) expect(names(linuxDtrace)).toContain(name);
  });
});
