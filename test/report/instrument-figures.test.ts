import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { renderSvg } from '../../src/report/render/svg.ts';
import { openForWriting } from '../../src/store/open.ts';
import { CELL } from '../store/example-sweep.ts';
import { figuresOf, madeSweep, named, records } from './made-sweep.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Figures of three sizes: switches grow with the trial, latencies are fixed. */
function figures() {
  const { db, close } = openForWriting(join(folder, 'sweep.db'));
  try {
    madeSweep(db, {
      cells: [512, 4096, 65536].map((bufferBytes) => ({ ...CELL, bufferBytes })),
      trials: 5,
      counts: ({ bufferBytes }, trial) => ({
        context_switches: [
          { role: 'receiver', kind: 'voluntary', count: 10 * trial },
          ...(trial === 3 ? [{ role: 'sender', kind: 'involuntary', count: 7 } as const] : []),
        ],
        io_latencies: [
          { role: 'receiver', operation: 'read', from_ns: 0, count: 2 },
          { role: 'receiver', operation: 'read', from_ns: 2 * bufferBytes, count: 97 },
          { role: 'receiver', operation: 'read', from_ns: 2 ** 30, count: 1 },
        ],
      }),
    });
    return figuresOf(db);
  } finally {
    close();
  }
}

describe('the chart that an instrument defines', () => {
  it('shows the median count of a run, where a run without a row counts as 0', () => {
    const rows = records(named(figures(), 'context-switches'));
    // The first of six trials is a warm-up.
    expect(rows.find(({ kind }) => kind === 'voluntary')).toMatchObject({
      ...{ role: 'receiver', cell: 1, buffer_bytes: 512, runs: 5 },
      ...{ switches_median: 40, switches_min: 20, switches_max: 60, deterministic: false },
    });
    expect(rows.find(({ kind }) => kind === 'involuntary')).toMatchObject({
      ...{ switches_median: 0, switches_max: 7 },
    });
  });

  it('shows the buckets that contain the quantiles, and says so in words', () => {
    const figure = named(figures(), 'io-latency');
    const rows = records(figure).filter(({ cell }) => cell === 2);
    const bucketOf = (name: string) => {
      const { from_ns: from, below_ns: below } = rows.find(({ quantile }) => quantile === name)!;
      return [from, below];
    };
    expect(bucketOf('median')).toEqual([8192, 16384]);
    expect(bucketOf('90 %')).toEqual([8192, 16384]);
    expect(bucketOf('99 %')).toEqual([8192, 16384]);
    expect(rows[0]).toMatchObject({ operation: 'read', role: 'receiver', runs: 5, count: 500 });
    expect(figure.alt).toContain('Shortest median: 1.02 µs to below 2.05 µs at 512 B');
    expect(figure.alt).toContain('longest: 131 µs to below 262 µs at 64 KiB (read, receiver)');
  });

  it.each(['context-switches', 'io-latency'])('is drawn with its legend: %s', async (name) => {
    const svg = await renderSvg(named(figures(), name), 'screen', { titled: true });
    expect(svg).toContain('Buffer size');
    expect(svg).toContain(name === 'io-latency' ? 'median' : 'voluntary');
  });

  it('is left out of a sweep without such counts', () => {
    const { db, close } = openForWriting(join(folder, 'without.db'));
    madeSweep(db, { cells: [CELL], trials: 2 });
    const names = figuresOf(db).map((figure) => figure.name);
    close();
    expect(names).toContain('syscalls');
    expect(names).not.toContain('io-latency');
    expect(names).not.toContain('context-switches');
  });
});
