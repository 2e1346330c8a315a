import { describe, expect, it } from 'vitest';
import { missingFault, missingWith, type RequestedFeatures } from '../../src/sweep/missing.ts';
import { TRACERS, type TracerReport } from '../../src/trace/choose.ts';

const STRACE = {
  name: 'strace',
  events: false,
  options: false,
  instruments: ['syscalls', 'io-sizes'],
} as const;
const ALL = ['syscalls', 'pipe-states', 'context-switches', 'io-latency', 'io-sizes'] as const;
const BPFTRACE = { name: 'bpftrace', events: true, options: false, instruments: ALL } as const;
const asked = (change: Partial<RequestedFeatures> = {}): RequestedFeatures => ({
  ...{ instruments: ['syscalls', 'io-sizes'], events: false, options: {} },
  ...change,
});
const names = (...of: Parameters<typeof missingWith>) => missingWith(...of).map(({ name }) => name);

describe('the list of what a tracer lacks for a spec', () => {
  it('is empty when the tracer has everything', () => {
    expect(missingWith(asked(), STRACE)).toEqual([]);
    expect(missingWith(asked({ instruments: ALL, events: true }), BPFTRACE)).toEqual([]);
  });

  it('has instruments, events, and options of another tracer', () => {
    const everything = asked({ instruments: ALL, events: true, options: { bufsize: '4m' } });
    expect(names(everything, STRACE)).toEqual([
      ...['pipe-states', 'context-switches', 'io-latency', 'events', 'options'],
    ]);
    expect(names(everything, BPFTRACE)).toEqual(['options']);
  });
});

describe('the refusal of a spec that names something missing', () => {
  const reports = (found: Record<string, 'usable' | 'needs root' | 'missing'>): TracerReport[] =>
    TRACERS.map((tracer) => {
      const state = found[tracer.name] ?? 'missing';
      return {
        // As on a kernel on which it has everything.
        tracer:
          tracer.name === 'dtrace'
            ? { ...tracer, instrumentsOn: () => ALL, eventsOn: () => true }
            : tracer,
        availability: {
          state: state === 'usable' ? 'usable' : 'unusable',
          version: state === 'missing' ? undefined : '1',
          reason:
            state === 'missing' ? `${tracer.name} is not installed` : `${tracer.name} ${state}`,
          mend: state === 'missing' ? 'install it' : 'run it as root',
        },
      };
    });
  const refusal = (of: RequestedFeatures, found: Parameters<typeof reports>[0]) => {
    const { message, hint, exitCode } = missingFault(
      missingWith(of, STRACE),
      STRACE,
      of,
      reports(found),
      'linux',
    );
    return { message, hint, exitCode };
  };

  it('names the tracer that would have it, why that cannot be used now, and what to type', () => {
    const of = asked({ instruments: ['syscalls', 'pipe-states'] });
    expect(refusal(of, { bpftrace: 'needs root', strace: 'usable' })).toEqual({
      message:
        'the spec asks for pipe-states: strace does not have it here; bpftrace could, but bpftrace needs root',
      hint: 'run it as root; or leave it out; or set trace.allow_missing: true to run with the rest',
      exitCode: 3,
    });
    expect(refusal(of, { bpftrace: 'usable', strace: 'usable' }).hint).toMatch(
      /^set trace\.tracer: bpftrace; or leave it out/,
    );
  });

  it('names only a tracer that has everything', () => {
    const of = asked({ options: { bufsize: '4m' } });
    const { message } = refusal(of, { bpftrace: 'usable', strace: 'usable' });
    expect(message).toMatch(
      /^the spec asks for trace\.options: .*; dtrace could, but dtrace is not/,
    );
  });
});
