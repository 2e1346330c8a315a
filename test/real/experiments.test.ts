import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { Workplace } from '../cli/workplace.ts';
import { untraceable } from './required.ts';

const EXPERIMENTS = fileURLToPath(new URL('../../experiments/', import.meta.url));

const missing = untraceable();

const place = new Workplace();
cpSync(EXPERIMENTS, place.path('experiments'), { recursive: true });
afterAll(() => {
  const left = place.processes();
  place.remove();
  expect(left).toEqual([]);
});

/** Makes few trials of an experiment, at the ends of a range of buffers. */
function shorten(file: string): void {
  const path = place.path('experiments', file);
  const document = parseDocument(readFileSync(path, 'utf8'));
  document.setIn(['trials'], 2);
  document.setIn(['trace', 'tracer'], 'bpftrace');
  const buffers = (document.toJS() as { matrix: { buffer_size: { from: string; to: string } } })
    .matrix.buffer_size;
  if ('from' in buffers) document.setIn(['matrix', 'buffer_size'], [buffers.from, buffers.to]);
  writeFileSync(path, String(document));
}

type Row = Record<string, string>;
type Table = (name: string) => Row[];

const sizes = (table: Table, buffer: number, operation: string) =>
  new Set(
    table('io_sizes')
      .filter((row) => Number(row.buffer_bytes) === buffer && row.operation === operation)
      .map((row) => `${row.bytes} x ${row.count}`),
  );

/** The statements of "Look for" that hold on every Linux and in every run. */
const LOOK_FOR: Record<string, (table: Table) => void> = {
  'lab2-buffer-sizes': (table) => {
    expect(sizes(table, 2 ** 24, 'read')).toEqual(new Set(['65536 x 256']));
    expect(sizes(table, 2 ** 24, 'write')).toEqual(new Set(['16777216 x 1']));
    expect(sizes(table, 128, 'read')).toEqual(new Set(['128 x 131072']));
    expect(table('probe_effect')).toHaveLength(2);
  },
  'lab2-pipe-states': (table) => {
    const names = (buffer: number) =>
      table('pipe_states')
        .filter((row) => Number(row.buffer_bytes) === buffer && row.operation === 'read')
        .toSorted((a, b) => Number(b.count) - Number(a.count))
        .map((row) => row.pipe_state_names);
    expect(names(1024)[0]).toBe('PARTIAL');
    expect(names(2 ** 18)[0]).toBe('WRITER_WAITING|FULL');
    expect(sizes(table, 8191, 'write')).toEqual(new Set(['8191 x 1024']));
  },
  'lab2-processes-or-threads': (table) => {
    expect(new Set(table('summary').map((row) => `${row.ipc} ${row.mode}`)).size).toBe(4);
    expect(table('context_switches').length).toBeGreaterThan(0);
    expect(sizes(table, 512, 'write')).toEqual(new Set(['512 x 32768']));
  },
  'lab2-sockets': (table) => {
    const small = table('summary').filter(
      (row) => row.ipc === 'tcp' && row.socket_buffers === 'true',
    );
    expect(new Set(small.map((row) => Number(row.total_bytes) / Number(row.buffer_bytes)))).toEqual(
      new Set([4, 8, 16, 32]),
    );
  },
  'own-script-linux': (table) => {
    const keys = table('aggregations').filter((row) => row.buffer_bytes === String(2 ** 18));
    expect(keys.some((row) => Object.values(row).includes('65536'))).toBe(true);
  },
  'probe-effect': (table) => {
    expect(table('probe_effect')).toHaveLength(2);
    expect(table('expectations')).toMatchObject([{ expectation: 'runs.failed == 0' }]);
  },
};

// The quickstart has tests of its own, and FreeBSD's script needs FreeBSD.
const elsewhere = ['quickstart', 'own-script-freebsd'];
const names = readdirSync(EXPERIMENTS)
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => file.replace('.yaml', ''))
  .filter((name) => !elsewhere.includes(name));

describe.skipIf(missing !== undefined)('the experiments, shortened', () => {
  it.each(names)('%s completes every run, and shows what its comments promise', async (name) => {
    shorten(`${name}.yaml`);
    const db = `${name}.db`;
    const words = ['run', `experiments/${name}.yaml`, '--db', db];
    const { code, stderr } = await place.run(...words);
    expect({ code, stderr: stderr.includes('bug') }).toEqual({ code: 0, stderr: false });
    const table: Table = (file) => place.csv('results', `${name}-1`, `${file}.csv`);
    const runs = table('runs');
    expect(runs.length).toBeGreaterThan(3);
    expect(runs.filter((run) => run.state !== 'completed')).toEqual([]);
    expect(LOOK_FOR[name], `nothing is looked for in ${name}`).toBeDefined();
    LOOK_FOR[name]?.(table);
  });
});
