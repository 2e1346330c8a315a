import { copyFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DocumentName } from '../../src/report/json/schemas.ts';
import { openForWriting } from '../../src/store/open.ts';
import { everyKey, oddKeysOf } from '../report/json/odd-keys.ts';
import { faultsOf } from '../report/json/published-schemas.ts';
import { SWEEP_KINDS } from '../report/json/sweep-kinds.ts';
import { sweepToCompare } from '../store/compared-sweeps.ts';
import { nightlySweeps } from '../store/nightly-sweeps.ts';
import { Workplace } from './workplace.ts';

const SPEC = `name: old
matrix: { buffer_size: [512, 1024, 3000], total_size: 1MiB }
trace: { tracer: none, instruments: [syscalls] }
trials: 11
setup: ['true']
expect: [bandwidth.median > 1MB/s, "bandwidth.median > 900GB/s", syscalls.read > 1]
`;

const place = new Workplace();
beforeAll(() => {
  const { db, close } = openForWriting(place.path('sweeps.db'));
  sweepToCompare(db, { name: 'old', sizes: [512, 1024] });
  sweepToCompare(db, { name: 'new', sizes: [512, 2048], speed: () => 0.8 });
  for (let at = 0; at < 3; at++) sweepToCompare(db, { name: 'lab', sizes: [512] });
  close();
  const hostile = openForWriting(place.path('hostile.db'));
  SWEEP_KINDS['with hostile texts']!(hostile.db);
  hostile.close();
  copyFileSync(place.path('sweeps.db'), place.path('copy.db'));
  nightlySweeps(place.path('nightly.db'), 12, (night) => ({ factor: night < 6 ? 1 : 0.8 }));
  nightlySweeps(place.path('few.db'), 2, () => ({ runs: 3 }));
  place.write('old.yaml', SPEC);
  place.write('no.db', 'this is no database');
});
afterAll(() => place.remove());

async function documentOf(name: DocumentName, ...words: string[]) {
  const { stdout } = await place.run(...words, '--json');
  const document = JSON.parse(stdout);
  expect(faultsOf(name, document)).toEqual([]);
  expect(oddKeysOf(document)).toEqual([]);
  expect(document).toMatchObject({ document: name, schema_version: 1 });
  return document;
}

describe('the JSON document of plan', () => {
  it('follows its schema with cells left out, a hook, and settings without effect', async () => {
    const { left_out, notes, hooks } = await documentOf('plan', 'plan', 'old.yaml');
    expect(left_out).toMatchObject([{ buffer_bytes: 3000, cause: 'not-a-multiple' }]);
    expect([notes.length > 0, Object.keys(hooks)]).toEqual([true, ['setup']]);
  });

  it('follows its schema for a shard, and for other machines', async () => {
    const shard = await documentOf('plan', 'plan', 'old.yaml', '--shard', '1/2');
    expect(shard.shards).toHaveLength(2);
    const hosts = ['--host', 'board-1', '--host', 'board-2'];
    const elsewhere = await documentOf('plan', 'plan', 'old.yaml', ...hosts);
    expect(elsewhere).toMatchObject({ tracer_usable: null, hosts: [{}, {}] });
  });
});

describe('the JSON document of compare', () => {
  const sides = ['old', 'new', '--db', 'sweeps.db'];

  it('follows its schema with cells that have no counterpart', async () => {
    const { cells, sides: others } = await documentOf('compare', 'compare', ...sides);
    expect(cells).toMatchObject([{ a: { buffer_bytes: 512 }, gate: null }]);
    expect(others).toMatchObject([{ only_a: [{}], only_b: [{}] }]);
  });

  it('follows its schema with a gate and repeats, and for repeats alone', async () => {
    const asked = ['--fail-if-slower', '5%', '--equivalent', '2%', '--repeat', 'lab'];
    const { failed, repeat } = await documentOf('compare', 'compare', ...sides, ...asked);
    expect(failed).toBe(true);
    expect(repeat.sessions).toBeGreaterThan(2);
    await documentOf('compare', 'compare', '--repeat', 'lab', '--db', 'sweeps.db');
  });
});

describe('the JSON document of history', () => {
  it('follows its schema with a step and with too few sweeps', async () => {
    const nightly = await documentOf('history', 'history', 'nightly', '--db', 'nightly.db');
    expect(nightly.cells).toMatchObject([{ steps: [{}] }, { steps: [{}] }]);
    const words = ['history', 'nightly', '--by', 'kernel', '--db', 'few.db', 'hostile.db'];
    const { cells, warnings } = await documentOf('history', ...words);
    expect(cells).toMatchObject([{ state: 'too-few-sweeps' }, { state: 'too-few-sweeps' }]);
    expect(warnings.map(({ code }: { code: string }) => code)).toContain('without-sweeps');
  });
});

describe('the JSON document of check', () => {
  it('follows its schema with a copy, an unreadable file and other sweeps', async () => {
    const files = ['sweeps.db', 'copy.db', 'hostile.db', 'no.db', 'absent.db'];
    const { databases, summary } = await documentOf('check', 'check', 'old.yaml', ...files);
    expect(databases).toHaveLength(5);
    expect(databases[1].copy_of).toBe('sweeps.db');
    expect(summary.pass).toEqual([]);
    expect(new Set(everyKey(databases))).toContain('[].expectations[].by_cell[].measured');
  });
});

describe('the JSON document of doctor', () => {
  it('follows its schema for this machine, and with --tune', async () => {
    const { hosts } = await documentOf('doctor', 'doctor');
    expect(hosts).toMatchObject([{ host: 'local', benchmark: {} }]);
    const tuned = await documentOf('doctor', 'doctor', '--tune');
    expect(tuned.hosts).toMatchObject([{ host: 'local', hints: expect.anything() }]);
  });

  it('follows its schema for a database', async () => {
    const whole = await documentOf('doctor', 'doctor', '--db', 'sweeps.db');
    expect(whole).toMatchObject({ whole: true, recovered: null });
  });
});
