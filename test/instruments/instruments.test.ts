import { describe, expect, it } from 'vitest';
import {
  askedAmong,
  hasEventsAt,
  instrumentsAt,
  programsAt,
} from '../../src/instruments/instruments.ts';

const namesOf = (asked: readonly string[]) => askedAmong(asked).map(({ name }) => name);

describe('the instruments of a session', () => {
  it('are those that are asked for, in the order of their programs, with io-sizes at the end', () => {
    expect(namesOf([])).toEqual(['io-sizes']);
    expect(namesOf(['profile', 'syscalls', 'io-sizes'])).toEqual([
      ...['syscalls', 'profile', 'io-sizes'],
    ]);
  });

  it('are those that have a program at a place', () => {
    expect(instrumentsAt('strace')).toEqual(['syscalls', 'io-sizes']);
    expect(instrumentsAt('dtrace-macos')).toEqual(['syscalls', 'io-sizes']);
    expect(instrumentsAt('bpftrace')).toHaveLength(9);
  });

  it('have programs of their own, after which that of the events comes if it is asked for', () => {
    const asked = ['pipe-states', 'syscalls'];
    expect(programsAt('bpftrace', { instruments: asked, events: true })).toEqual([
      'syscalls/bpftrace.bt',
      'pipe-states/bpftrace.bt',
      'pipe-states/events-bpftrace.bt',
      'io-sizes/bpftrace.bt',
    ]);
    expect(programsAt('dtrace-linux', { instruments: asked, events: false })).toEqual([
      'syscalls/dtrace-linux.d',
      'pipe-states/dtrace-linux.d',
      'io-sizes/dtrace-linux.d',
    ]);
  });

  it('are left out where they have no program', () => {
    const request = { instruments: ['pipe-states'], events: true };
    expect(programsAt('dtrace-illumos', request)).toEqual(['io-sizes/dtrace-illumos.d']);
  });

  it('print every operation on the pipe only where one has such a program', () => {
    expect(hasEventsAt('bpftrace')).toBe(true);
    expect(hasEventsAt('dtrace-freebsd')).toBe(true);
    expect(hasEventsAt('dtrace-macos')).toBe(false);
    expect(hasEventsAt('dtrace-illumos')).toBe(false);
  });
});
