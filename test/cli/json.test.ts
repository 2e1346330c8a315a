import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DocumentName } from '../../src/report/json/schemas.ts';
import { openForWriting } from '../../src/store/open.ts';
import { everyKey, oddKeysOf } from '../report/json/odd-keys.ts';
import { faultsOf } from '../report/json/published-schemas.ts';
import { SWEEP_KINDS } from '../report/json/sweep-kinds.ts';
import { Workplace } from './workplace.ts';

const place = new Workplace();
beforeAll(() => {
  const { db, close } = openForWriting(place.path('sweeps.db'));
  for (const fill of Object.values(SWEEP_KINDS)) fill(db);
  close();
});
afterAll(() => place.remove());

/** A document that is as its schema has it. */
function documentIn(name: DocumentName, stdout: string) {
  const document = JSON.parse(stdout);
  expect(faultsOf(name, document)).toEqual([]);
  return document;
}

describe('stored sweeps as JSON', () => {
  const count = Object.keys(SWEEP_KINDS).length;

  it('are one document of status, the newest first', async () => {
    const { code, stdout, stderr } = await place.run('status', '--json', '--db', 'sweeps.db');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { document, schema_version, database, sweeps } = documentIn('status', stdout);
    expect([document, schema_version, database]).toEqual(['status', 1, 'sweeps.db']);
    expect(sweeps.map(({ id }: { id: number }) => id)).toEqual(
      Array.from({ length: count }, (_, at) => count - at),
    );
  });

  it.each(Object.keys(SWEEP_KINDS).map((kind, at) => [kind, `@${at + 1}`]))(
    'are the same in `status` and `report` for one %s',
    async (_, sweep) => {
      const words = [sweep, '--json', '--db', 'sweeps.db'];
      const status = documentIn('status', (await place.run('status', ...words)).stdout);
      const report = documentIn('report', (await place.run('report', ...words)).stdout);
      expect(status.sweeps).toEqual([report.sweep]);
    },
  );

  it('are printed by `report` instead of the page, and --out is refused', async () => {
    const words = ['report', '@1', '--json', '--db', 'sweeps.db'];
    const { code, stderr } = await place.run(...words, '--out', 'x.html');
    expect(code).toBe(2);
    expect(stderr).toContain('--out names the HTML file, and --json prints');
  });

  const noJq = spawnSync('jq', ['--version']).error !== undefined;
  it.skipIf(noJq)(`are read by the examples of docs/json.md${noJq ? ' (no jq)' : ''}`, async () => {
    const page = readFileSync(new URL('../../docs/json.md', import.meta.url), 'utf8');
    const examples = [...page.matchAll(/^ {4}ipc-sweep (.*?) \| jq (?:-r )?'(.*)'$/gm)];
    expect(examples.length).toBeGreaterThan(4);
    for (const [, words, filter] of examples) {
      // A run's document has its sweep where a report's has it.
      const own =
        words === 'status --json'
          ? ['status']
          : [/^status/.test(words!) ? 'status' : 'report', '@3'];
      const { stdout } = await place.run(...own, '--json', '--db', 'sweeps.db');
      const found = execFileSync('jq', ['-r', filter!], { input: stdout, encoding: 'utf8' });
      expect(`${filter}: ${found}`).not.toMatch(/null|: $/);
    }
  });

  it('contain any text unchanged, escaped for JSON', async () => {
    const words = ['--json', '--db', 'sweeps.db'];
    const { stdout } = await place.run('status', '@1', ...words);
    const [sweep] = documentIn('status', stdout).sweeps;
    expect(sweep.description).toMatch(/^=1\+1"'><\/td>.*<!--$/);
    expect(sweep.not_good_attempts[0].reason).toBe(sweep.description);
  });
});

describe('run --json', () => {
  it('prints one document at the end of the sweep, and messages on standard error', async () => {
    place.spec('scripted', 'answers', 'expect: [runs.completed == 1]');
    const { code, stdout, stderr } = await place.run('run', 'scripted.yaml', '--json');
    expect(code).toBe(1);
    expect(stderr).toContain('untraced, about');
    const { exit_code, folder, files, sweep } = documentIn('run', stdout);
    expect({ exit_code, folder }).toEqual({ exit_code: 1, folder: 'results/scripted-1' });
    expect(files).toContainEqual(
      expect.objectContaining({ path: 'results/scripted-1/summary.csv', unit: 'row' }),
    );
    expect(sweep).toMatchObject({ name: 'scripted', state: 'ended', not_good_runs: 0 });
    expect(sweep.expectations).toMatchObject([{ fulfilled: false }]);
    const status = documentIn('status', (await place.run('status', '1', '--json')).stdout);
    expect(status.sweeps).toEqual([sweep]);
  });

  it('prints nothing on standard output when it refuses', async () => {
    const { code, stdout } = await place.run('run', 'absent.yaml', '--json');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });
});

describe('the other JSON documents', () => {
  it.each([
    ['plan', 'named.yaml'],
    ['doctor'],
    ['doctor', '--tune'],
    ['doctor', '--db', 'sweeps.db'],
  ])('are one each, with every name in snake_case: %s %s', async (...words) => {
    place.spec('named', 'answers', 'matrix: { buffer_size: [512, 1000], total_size: 1KiB }');
    const document = JSON.parse((await place.run(...words, '--json')).stdout);
    expect(everyKey(document).length).toBeGreaterThan(3);
    expect(oddKeysOf(document)).toEqual([]);
  });
});
