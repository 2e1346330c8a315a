import { describe, expect, it } from 'vitest';
import type { Host } from '../../src/host/host.ts';
import type { Privilege } from '../../src/host/privilege.ts';
import { preferred, TRACERS, type TracerReport, tracerCandidates } from '../../src/trace/choose.ts';

type Found = 'usable' | 'unusable' | 'missing';

/** Reports on dtrace, bpftrace and strace. */
const reports = (...found: Found[]): TracerReport[] =>
  TRACERS.map((tracer, at) => ({
    tracer,
    availability: {
      state: found[at] === 'usable' ? 'usable' : 'unusable',
      version: found[at] === 'missing' ? undefined : '1',
      reason: '',
      mend: '',
    },
  }));
const own: Privilege = { state: 'own' };
const sudo: Privilege = { state: 'sudo', root: {} as Host };
const refused: Privilege = { state: 'refused', reason: '', mend: '' };
const taken = (
  found: TracerReport[],
  privilege: Privilege,
  choice: 'auto' | 'strace' = 'auto',
  platform: NodeJS.Platform = 'linux',
) => preferred(tracerCandidates(found, choice, privilege), platform)?.tracer.name;

describe('tracer: auto', () => {
  it('chooses the first tracer that can be used', () => {
    expect(taken(reports('usable', 'usable', 'usable'), own)).toBe('dtrace');
    expect(taken(reports('missing', 'unusable', 'usable'), own)).toBe('strace');
    expect(taken(reports('missing', 'usable', 'usable'), sudo)).toBe('bpftrace');
  });

  it('complains about the first that is installed, or else about the one that the system has as a package', () => {
    const none = reports('missing', 'missing', 'missing');
    expect(taken(reports('missing', 'unusable', 'missing'), own)).toBe('bpftrace');
    expect(taken(reports('unusable', 'missing', 'missing'), own)).toBe('dtrace');
    expect(taken(none, own)).toBe('bpftrace');
    expect(taken(none, own, 'auto', 'freebsd')).toBe('dtrace');
    expect(taken(none, own, 'strace')).toBe('strace');
  });

  it('never chooses strace in place of a tracer that needs sudo', () => {
    expect(taken(reports('missing', 'unusable', 'usable'), refused)).toBe('bpftrace');
    expect(taken(reports('missing', 'missing', 'usable'), sudo)).toBe('bpftrace');
    expect(taken(reports('missing', 'missing', 'usable'), sudo, 'auto', 'freebsd')).toBe('dtrace');
    expect(taken(reports('missing', 'unusable', 'usable'), refused, 'strace')).toBe('strace');
  });
});
