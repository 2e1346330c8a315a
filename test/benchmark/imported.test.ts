import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readImported } from '../../src/benchmark/imported.ts';
import { IPC_TYPES } from '../../src/experiment/axes.ts';

const recorded = (name: string) =>
  readFileSync(
    fileURLToPath(new URL(`../fixtures/ipc-benchmark/${name}.stdout`, import.meta.url)),
    'utf8',
  );
const read = (name: string, sockets = false) => readImported(recorded(name), sockets);

type Document = Record<string, Record<string, unknown>>;
function changed(name: string, change: (document: Document) => void) {
  const document = JSON.parse(recorded(name)) as Document;
  change(document);
  return readImported(JSON.stringify(document), false);
}

describe('readImported', () => {
  it('takes the cell from the configuration in the document', () => {
    expect(read('g3')).toMatchObject({
      state: 'run',
      cell: {
        ...{ ipc: 'pipe', mode: '2proc', bufferBytes: 16384, totalBytes: 32768 },
        socketBuffers: false,
      },
      samples: [{ elapsedNs: 70024 }, { elapsedNs: 113169 }, { elapsedNs: 107770 }],
    });
    expect(read('two_thread')).toMatchObject({ cell: { mode: '2thread' } });
  });

  it('believes only for sockets that their buffers were set', () => {
    expect(read('local', true)).toMatchObject({ cell: { ipc: 'local', socketBuffers: true } });
    expect(read('canonical', true)).toMatchObject({ cell: { ipc: 'pipe', socketBuffers: false } });
  });

  it('keeps the facts of the machine, each key once', () => {
    const run = changed('canonical', (document) => {
      document.os_configuration!['hw.model'] = 'another';
      document.os_configuration!['kern.ident'] = 'x'.repeat(10_000);
    });
    if (run.state !== 'run') throw new Error(run.reason);
    const keys = run.facts.map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
    expect(run.facts).toContainEqual({ key: 'kern.hostname', value: 'vm' });
    expect(keys).not.toContain('kern.ident');
  });

  it('reads the one block of facts that was printed until 2021', () => {
    const run = changed('canonical', (document) => {
      document.host_configuration = { ...document.hardware_configuration };
      for (const block of ['hardware', 'os', 'network_ipc']) {
        delete document[`${block}_configuration`];
      }
    });
    expect(run).toMatchObject({
      facts: expect.arrayContaining([{ key: 'hw.model', value: 'ARM Cortex-A72 r0p3' }]),
    });
  });

  it('reads counters that are not numbers, even on one line', () => {
    const withCounters = recorded('canonical').replace(
      '"time": "0.000062724"',
      '"time": "0.000062724",\n      "CYCLES_PER_INSTRUCTION": -NAN',
    );
    for (const text of [withCounters, withCounters.split('\n').join(' ')]) {
      expect(readImported(text, false)).toMatchObject({ state: 'run' });
    }
  });

  it.each([
    ['bare_g_n11', 'it has no benchmark_configuration: the benchmark was run without -v'],
    ['e_P_dcache_v', 'it has no benchmark_samples: the run had failed'],
    ['e_mult_j', 'it has no benchmark_configuration'],
  ])('says why it refuses %s', (name, reason) => {
    expect(read(name)).toEqual({ state: 'unreadable', reason: expect.stringContaining(reason) });
  });

  it.each([
    ['buffersize', 0, /buffersize/],
    ['buffersize', 1e300, /buffersize/],
    ['buffersize', '16384', /buffersize/],
    ['totalsize', 32769, /multiple/],
    ['totalsize', 65536, /KiB\/s/],
    ['mode', '1thread', /mode.*2proc/],
    ['mode', '__proto__', /mode/],
    ['ipctype', 'fifo', /ipctype/],
    ['iterations', 2, /1 samples, expected 2/],
    ['iterations', 10_001, /iterations/],
  ])('refuses %s = %j', (key, value, reason) => {
    const run = changed('canonical', (document) => {
      document.benchmark_configuration![key] = value;
    });
    expect(run).toEqual({ state: 'unreadable', reason: expect.stringMatching(reason) });
  });

  it('takes every channel that a spec can name', () => {
    for (const ipc of IPC_TYPES) {
      const run = changed('canonical', (document) => {
        document.benchmark_configuration!.ipctype = ipc;
      });
      expect(run).toMatchObject({ state: 'run', cell: { ipc, socketBuffers: false } });
    }
  });

  it('gives a run or a reason for any JSON, and does not change prototypes', () => {
    const part = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom(...Object.values(JSON.parse(recorded('g3')))),
    );
    const key = fc.constantFrom(
      ...['benchmark_samples', 'benchmark_configuration', 'hardware_configuration'],
      ...['os_configuration', '__proto__', 'constructor'],
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(key, part)), (entries) => {
        const text = `{${entries.map(([k, v]) => `"${k}": ${JSON.stringify(v)}`).join(',')}}`;
        const run = readImported(text, true);
        if (run.state === 'unreadable') expect(run.reason).not.toBe('');
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
      { numRuns: 500 },
    );
    const hostile = '{"__proto__": {"benchmark_samples": [], "polluted": 1}}';
    expect(readImported(hostile, false)).toMatchObject({ state: 'unreadable' });
    expect('polluted' in {}).toBe(false);
  });
});
