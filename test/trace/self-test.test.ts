import { describe, expect, it } from 'vitest';
import type { PipeOperation } from '../../src/instruments/instrument.ts';
import { judgeDwell, judgeStates } from '../../src/trace/self-test.ts';

const row = (operation: PipeOperation, state: number, count: number) =>
  ({ role: 'both', operation, state, count }) as const;

/** A pipe that took 16 buffers: found empty once, partly filled 15 times, full once. */
const linux = [
  row('write', 1, 1),
  row('write', 4, 15),
  row('write', 2, 1),
  row('read', 2, 1),
  row('read', 4, 15),
  row('read', 1, 1),
];
const freebsd = [row('write', 0x800, 17), row('read', 0x800, 17), row('write-peer', 0x800, 17)];

describe('judgeExpectations', () => {
  it('passes the states of a known pipe', () => {
    expect(judgeStates(linux, 16, 'linux')).toMatchObject({ state: 'passed' });
    expect(judgeStates(freebsd, 16, 'freebsd')).toMatchObject({ state: 'passed' });
  });

  it('shows the rows that it found', () => {
    expect(judgeStates(linux, 16, 'linux').detail).toBe(
      '16 buffers; writes found 0x1:1 0x4:15 0x2:1, reads 0x2:1 0x4:15 0x1:1',
    );
    expect(judgeStates([], 16, 'linux').detail).toContain('writes found nothing');
  });

  it.each(linux.map((_, index) => index))('fails when row %i is missing', (index) => {
    const rows = linux.filter((_, at) => at !== index);
    expect(judgeStates(rows, 16, 'linux').state).toBe('failed');
  });

  it.each(linux.map((_, index) => index))('fails when row %i has another state', (index) => {
    for (const state of [0, 1, 2, 4, 8, 9, 32]) {
      const { operation } = linux[index]!;
      // Two rows of one state do not exist.
      if (linux.some((each) => each.operation === operation && each.state === state)) continue;
      const rows = linux.map((each, at) => (at === index ? { ...each, state } : each));
      expect(judgeStates(rows, 16, 'linux').state).toBe('failed');
    }
  });

  it('fails a walk that finds an empty pipe everywhere', () => {
    expect(judgeStates([row('write', 1, 17), row('read', 1, 17)], 16, 'linux').state).toBe(
      'failed',
    );
  });

  it('fails FreeBSD states without DIRECTOK, or with bits that do not exist', () => {
    for (const state of [0, 0x400, 0x801, 0x1800]) {
      const rows = [row('write', state, 17), row('read', 0x800, 17)];
      expect(judgeStates(rows, 16, 'freebsd').state).toBe('failed');
    }
  });
});

describe('judgeDwell', () => {
  const step = (state: number, next_state: number) =>
    ({ role: 'both', state, next_state, count: 500 }) as const;
  const known = [
    ...[step(1, 1), step(1, 4), step(4, 4), step(4, 2)],
    ...[step(2, 2), step(2, 4), step(4, 1)],
  ];

  it('passes a pipe that was filled step by step and emptied again', () => {
    expect(judgeDwell(known, 16, 'linux')).toEqual({
      state: 'passed',
      detail: '16 buffers; looks found 0x1>0x1 0x1>0x4 0x4>0x4 0x4>0x2 0x2>0x2 0x2>0x4 0x4>0x1',
    });
    expect(judgeDwell([step(0x10800, 0x40800)], 16, 'freebsd').state).toBe('passed');
  });

  it('fails when a step is missing, or when a step is impossible for such a pipe', () => {
    for (const wrong of known.filter((row) => row.state !== row.next_state)) {
      const others = known.filter((row) => row !== wrong);
      expect(judgeDwell(others, 16, 'linux').state).toBe('failed');
    }
    for (const more of [step(1, 2), step(2, 1), step(9, 9), step(4, 5)]) {
      expect(judgeDwell([...known, more], 16, 'linux').state).toBe('failed');
    }
  });

  it('fails a walk that finds an empty pipe everywhere, or nothing', () => {
    expect(judgeDwell([step(1, 1)], 16, 'linux').state).toBe('failed');
    expect(judgeDwell([], 16, 'linux').state).toBe('failed');
    expect(judgeDwell([], 16, 'freebsd').state).toBe('failed');
  });
});
