import { describe, expect, it } from 'vitest';
import { experimentSchema } from '../../src/experiment/schema.ts';
import { attachesPerRun, sweepCosts } from '../../src/sweep/costs.ts';
import { likelyTracer, TRACERS } from '../../src/trace/choose.ts';

const document = (trace: object) => experimentSchema.parse({ name: 'x', trace });
const byName = (name: string) => TRACERS.find((tracer) => tracer.name === name)!;

describe('the cost of the runs of a sweep', () => {
  it('is known for every tracer on every system that has it', () => {
    for (const platform of ['linux', 'freebsd', 'darwin', 'sunos'] as const) {
      for (const tracer of TRACERS) {
        const costs = Object.values(tracer.costOn(platform));
        expect(costs).toHaveLength(5);
        for (const seconds of costs) expect(seconds).toBeGreaterThanOrEqual(0);
        expect(tracer.costOn(platform).scriptSeconds > 0).toBe(tracer.scripts !== undefined);
      }
    }
  });

  it('is that of the tracer, plus that of each script with the tracer for its file name', () => {
    const costs = sweepCosts(document({ attach: 'per-run' }), {
      ...{ tracer: byName('strace'), scripts: ['/x/a.bt', '/x/b.d'], platform: 'linux' },
    });
    const script = (name: string) => byName(name).costOn('linux').scriptSeconds;
    expect(costs.tracer).toEqual(byName('strace').costOn('linux'));
    expect(costs.attachPerRun).toBe(true);
    expect(costs.scriptSeconds).toBeCloseTo(script('bpftrace') + script('dtrace'), 9);
    const none = sweepCosts(document({}), { tracer: undefined, scripts: [], platform: 'linux' });
    expect(none).toMatchObject({ tracer: undefined, attachPerRun: false, scriptSeconds: 0 });
  });

  it('includes an attachment for each run beside scripts on FreeBSD', () => {
    const { trace } = document({});
    expect(attachesPerRun(trace, { scripts: ['a.d'], platform: 'freebsd' })).toBe(true);
    expect(attachesPerRun(trace, { scripts: [], platform: 'freebsd' })).toBe(false);
    expect(attachesPerRun(trace, { scripts: ['a.d'], platform: 'linux' })).toBe(false);
  });

  it('is that of the likely tracer where no host was asked', () => {
    expect(likelyTracer('none', 'linux')).toBeUndefined();
    expect(likelyTracer('strace', 'linux')?.name).toBe('strace');
    expect(likelyTracer('auto', 'linux')?.name).toBe('bpftrace');
    expect(likelyTracer('auto', 'freebsd')?.name).toBe('dtrace');
  });
});
