import { describe, expect, it } from 'vitest';
import { checkBenchmarkClaims, type KnownFacts } from '../../src/execute/benchmark-claims.ts';
import { copyLimit } from '../../src/host/copy-rate.ts';
import { localHost } from '../host/local-host.ts';
import { cellOf } from '../trace/recording.ts';

const MS = 1e6;
const known: KnownFacts = {
  cell: cellOf(4096, 65536),
  iterations: 1,
  wallNs: 20 * MS,
  processors: 2,
  copyBytesPerS: 20e9,
};
const sample = (elapsedNs: number, more: object = {}) => ({
  iteration: 1,
  elapsedNs,
  bandwidthBytesPerS: 65536 / (elapsedNs / 1e9),
  ...more,
});
const codes = (samples: readonly ReturnType<typeof sample>[], stdout = '', more: object = {}) =>
  checkBenchmarkClaims({ samples, stdout }, { ...known, ...more }).map(({ code }) => code);
const echo = (configuration: object) =>
  JSON.stringify({ benchmark_configuration: configuration, benchmark_samples: [] });

describe('checkBenchmarkClaims', () => {
  it('has no doubt about plausible values', () => {
    expect(codes([sample(5 * MS), sample(14 * MS)])).toEqual([]);
  });

  it('doubts samples that do not fit into the time of the run', () => {
    expect(checkBenchmarkClaims({ samples: [sample(3600e9)], stdout: '' }, known)).toEqual([
      {
        code: 'elapsed-time',
        message: 'samples of 3600 s in a run of 0.02000 s',
        suspect: true,
      },
    ]);
    expect(codes([sample(11 * MS), sample(11 * MS)])).toEqual(['elapsed-time']);
  });

  it('doubts a bandwidth above the limit of the memory, where that limit is known', () => {
    expect(codes([sample(1)])).toEqual(['bandwidth']);
    expect(codes([sample(1)], '', { copyBytesPerS: undefined })).toEqual([]);
  });

  it('doubts more CPU time than the processors had', () => {
    const cpu = { systemTimeNs: 3600e9, userTimeNs: 0 };
    expect(codes([sample(5 * MS, cpu)])).toEqual(['cpu-time']);
    expect(codes([sample(5 * MS, { systemTimeNs: 30 * MS, userTimeNs: 10 * MS })])).toEqual([]);
  });

  it.each([
    [{ buffersize: 2048 }],
    [{ totalsize: 1 }],
    [{ msgcount: 1 }],
    [{ mode: '2thread' }],
    [{ ipctype: 'tcp' }],
    [{ iterations: 2 }],
    [{ buffersize: null }],
  ])('doubts an output whose configuration is %j', (configuration) => {
    expect(codes([sample(5 * MS)], echo(configuration))).toEqual(['configuration']);
  });

  it('accepts the configuration that was asked for, in any type', () => {
    const asked = { buffersize: 4096, totalsize: '65536', msgcount: 16, mode: '2proc' };
    const right = { ...asked, ipctype: 'pipe', pmctype: 'none', iterations: 1 };
    expect(codes([sample(5 * MS)], echo(right))).toEqual([]);
    expect(codes([sample(5 * MS)], '"benchmark_configuration" and no JSON')).toEqual([]);
  });
});

describe('copyLimit', () => {
  it('is measured on the host, and is above what any pipe moves', async () => {
    const { host, close } = await localHost();
    expect(await copyLimit(host)).toBeGreaterThan(100e6);
    await close();
  });
});
