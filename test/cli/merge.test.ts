import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { faultsOf } from '../report/json/published-schemas.ts';
import { student, write } from '../store/merging.ts';
import { MAIN, Workplace } from './workplace.ts';

const KILLED = fileURLToPath(new URL('../fixtures/killed-while-merging.mjs', import.meta.url));
const place = new Workplace();
afterAll(() => place.remove());

/** Makes a database, and the folders on the way to it. @returns its name, as a user would give it */
function made(name: string, setting: Parameters<typeof student>[1] = {}): string {
  mkdirSync(dirname(place.path(name)), { recursive: true });
  student(place.path(name), setting);
  return name;
}

describe('merge', () => {
  it('says what was new in each database, and in all of them', async () => {
    const files = [made('alice.db'), made('bob.db', { sweeps: 1, runs: 1 })];
    const first = await place.run('merge', ...files, '-o', 'class.db');
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout.split('\n')).toEqual([
      'alice.db: 2 new sweeps, 4 new runs',
      'bob.db: 1 new sweep, 1 new run',
      'in class.db: 3 new sweeps, 5 new runs',
      '',
    ]);
    const again = await place.run('merge', ...files, '-o=class.db');
    expect(again.stdout).toBe(
      'alice.db: nothing new\nbob.db: nothing new\nin class.db: nothing new\n',
    );
    const { stdout } = await place.run('merge', 'bob.db', 'class.db', '--output', 'c.db', '--json');
    expect(faultsOf('merge', JSON.parse(stdout))).toEqual([]);
    expect(JSON.parse(stdout)).toMatchObject({
      ...{
        database: 'c.db',
        new_sweeps: 3,
        joined_sweeps: 0,
        own_sweeps: 0,
        new_runs: 5,
        changed_runs: 0,
      },
      inputs: [
        {
          ...{
            file: 'bob.db',
            copy_of: null,
            new_sweeps: 1,
            joined_sweeps: 0,
            own_sweeps: 0,
            new_runs: 1,
            changed_runs: 0,
          },
          sweeps: [
            { id: 1, name: 'lab-2', id_in_input: 1, state: 'new', new_runs: 1, changed_runs: 0 },
          ],
        },
        {
          ...{
            file: 'class.db',
            copy_of: null,
            new_sweeps: 2,
            joined_sweeps: 0,
            own_sweeps: 0,
            new_runs: 4,
            changed_runs: 0,
          },
          sweeps: [
            { id: 2, name: 'lab-2', id_in_input: 1, state: 'new', new_runs: 2, changed_runs: 0 },
            { id: 3, name: 'lab-1', id_in_input: 2, state: 'new', new_runs: 2, changed_runs: 0 },
            { id: 1, name: 'lab-2', id_in_input: 3, state: 'known', new_runs: 0, changed_runs: 0 },
          ],
        },
      ],
    });
    const back = await place.run('merge', 'class.db', '-o', 'bob.db');
    expect(back.stdout).toContain("in bob.db: 2 new sweeps, 4 new runs; 1 sweep of bob.db's own\n");
    // Nothing is left beside the inputs.
    expect(readdirSync(place.folder).filter((name) => /^(alice|bob)/.test(name))).toEqual([
      ...['alice.db', 'alice.db.lock', 'bob.db', 'bob.db.lock'],
    ]);
  });

  it('names the file of which another one is a changed copy', async () => {
    const [file, copy] = [made('original.db', { sweeps: 1 }), 'changed.db'];
    cpSync(place.path(file), place.path(copy));
    write(place.path(copy), (db) =>
      db.prepare('UPDATE sample SET bandwidth_bytes_per_s = 1').run(),
    );
    const { code, stdout, stderr } = await place.run('merge', file, copy, '-o', 'both.db');
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout:
        'original.db: 1 new sweep, 2 new runs\nchanged.db: nothing new\nin both.db: 1 new sweep, 2 new runs\n',
    });
    expect(stderr).toContain(
      'changed.db has the identity of original.db: one is a copy of the other (same-database)',
    );
    const changed =
      'warning: 2 runs of changed.db are in both.db with other values, from an earlier merge or another input: both.db keeps what it has\n';
    expect(stderr).toContain(changed);
    const again = await place.run('merge', file, copy, '-o', 'both.db', '--json');
    expect(JSON.parse(again.stdout).inputs).toMatchObject([
      { copy_of: null, changed_runs: 0 },
      { copy_of: file, new_runs: 0, changed_runs: 2 },
    ]);
    const later = await place.run('merge', copy, '-o', 'both.db');
    expect(later).toMatchObject({ code: 0, stderr: changed });
    const same = await place.run('merge', file, '-o', 'both.db');
    expect(same).toMatchObject({ code: 0, stderr: '' });
  });

  it('shows where a sweep was made, with a name that every command understands', async () => {
    const files = ['carol', 'dave'].map((name) => made(`in/${name}/results/ipc-sweep.db`));
    await place.run('merge', ...files, '-o', 'shown.db');
    const { stdout } = await place.run('status', '--db', 'shown.db');
    expect(stdout.split('\n').map((line) => line.replace(/ {2,}/g, ' | '))).toEqual([
      expect.stringMatching(/^sweep \| .* \| origin$/),
      expect.stringMatching(/^lab-1-4 \| .* \| dave$/),
      expect.stringMatching(/^lab-2-3 \| .* \| dave$/),
      expect.stringMatching(/^lab-1-2 \| .* \| carol$/),
      expect.stringMatching(/^lab-2-1 \| .* \| carol$/),
      '',
    ]);
    const one = await place.run('status', 'lab-1@carol', '--db', 'shown.db');
    expect(one.stdout).toContain(`sweep lab-1-2: ended`);
    expect(one.stdout).toContain(`from ${files[0]}, where it is sweep 2, made on vm\n`);
    const json = JSON.parse((await place.run('status', '--json', '--db', 'shown.db')).stdout);
    expect(json.sweeps[0].origins).toEqual([
      {
        ...{ file: files[1], sweep_id: 2, machines: ['vm'] },
        database: expect.stringMatching(/^[0-9a-f]{32}$/),
      },
    ]);
    const compared = await place.run('compare', 'lab-1@carol', 'lab-1@dave', '--db', 'shown.db');
    expect(compared.stdout).toContain('lab-1@carol');
    const ambiguous = await place.run('report', 'lab-1', '--db', 'shown.db');
    expect(ambiguous).toMatchObject({ code: 2, stdout: '' });
    expect(ambiguous.stderr).toContain('hint: say which: lab-1@dave or lab-1@carol\n');
    expect((await place.run('export', 'lab-2@dave', '--db', 'shown.db')).code).toBe(0);
    const facts = place.csv('results', 'lab-2-3', 'environment.csv');
    expect(facts.find(({ key }) => key === 'origin_file')?.value).toBe(files[1]);
    expect(facts.find(({ key }) => key === 'origin_sweep')?.value).toBe('1');
  });

  it('joins sweeps of one experiment, each host with a name of its own', async () => {
    const files = ['erin', 'frank'].map((name) => made(`${name}.db`, { sweeps: 1, runs: 3 }));
    const words = ['merge', ...files, '-o', 'joined.db', '--as-one', '--hosts-by', 'file'];
    const { code, stdout } = await place.run(...words);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout:
        'erin.db: 1 new sweep, 3 new runs\nfrank.db: 1 joined sweep, 3 new runs\nin joined.db: 1 new sweep, 1 joined sweep, 6 new runs\n',
    });
    const shown = (await place.run('status', '1', '--db', 'joined.db')).stdout;
    expect(shown).toMatch(/^erin .* 3\/20 /m);
    expect(shown).toMatch(/^frank .* 3\/20 /m);
    const compared = await place.run('compare', 'host=erin', 'host=frank', '--db', 'joined.db');
    expect(compared.code).toBe(0);
    expect(compared.stdout).toContain('host=erin');
    for (const write of ['report', 'export']) {
      expect((await place.run(write, '--db', 'joined.db')).code).toBe(0);
    }
    const hosts = place.csv('results', 'lab-2-1', 'runs.csv').map(({ host }) => host);
    expect(hosts.sort()).toEqual(['erin', 'erin', 'erin', 'frank', 'frank', 'frank']);
  });

  it('prints no part of a file name that a terminal could take for a command', async () => {
    const name = made('a\x1b[2Jb\u202ec.db', { sweeps: 1 });
    const { stdout } = await place.run('merge', name, '-o', 'odd.db');
    const { stdout: list } = await place.run('status', '--db', 'odd.db');
    const { stdout: one } = await place.run('status', '1', '--db', 'odd.db');
    const { stdout: json } = await place.run('status', '--json', '--db', 'odd.db');
    for (const said of [stdout, list, one, json]) expect(said).not.toMatch(/[\x1b\u202e]/);
  });

  it('refuses a file that is not a database by its name, before anything is written', async () => {
    made('good.db');
    place.write('bad.db', 'x'.repeat(5000));
    const { code, stdout, stderr } = await place.run('merge', 'good.db', 'bad.db', '-o', 'new.db');
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toContain('cannot use the database bad.db: file is not a database');
    expect(readdirSync(place.folder).filter((name) => name.startsWith('new'))).toEqual([]);
    for (const [words, said] of [
      [['merge', 'good.db'], 'the file to merge into is missing\nhint: name it with -o'],
      [['merge'], 'the databases to merge are missing'],
      [['merge', 'good.db', '-o'], '--output: a FILE is missing'],
      [['merge', 'good.db', '-o', 'good.db'], 'good.db cannot be merged into itself'],
      [['merge', 'none.db', '-o', 'new.db'], 'there is no database none.db'],
      [['merge', 'good.db', '-o', 'x.db', '--hosts-by', 'file'], '--hosts-by goes with --as-one'],
      [['merge', 'good.db', '-x', 'new.db'], 'unknown option -x'],
    ] as const) {
      const refused = await place.run(...words);
      expect(refused.code).toBe(2);
      expect(refused.stderr).toContain(said);
    }
  });

  it('names all databases that it refuses at once', async () => {
    made('sound.db');
    place.write('text.db', 'x'.repeat(5000));
    place.write('empty.db', '');
    const { code, stdout, stderr } = await place.run(
      ...['merge', 'text.db', 'sound.db', 'empty.db', 'none.db', '-o', 'never.db'],
    );
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr.split('\n').slice(0, 4)).toEqual([
      'ipc-sweep: 3 of 4 databases cannot be merged',
      expect.stringMatching(/^ {2}cannot use the database text\.db: file is not a database/),
      '  the database empty.db is empty',
      '  there is no database none.db',
    ]);
    expect(existsSync(place.path('never.db'))).toBe(false);
  });

  it('shows the part of the path that tells the databases apart as origin, and accepts it in names', async () => {
    const files = ['erin', 'frank'].map((name) => made(`lab/${name}/lab.db`, { sweeps: 1 }));
    await place.run('merge', ...files, '-o', 'apart.db');
    const { stdout } = await place.run('status', '--db', 'apart.db');
    expect(stdout.match(/\w+$/gm)).toEqual(['origin', 'frank', 'erin']);
    const { stderr } = await place.run('status', 'lab-2', '--db', 'apart.db');
    expect(stderr).toContain('@frank or ');
    expect(stderr).toContain('@erin');
  });

  it('says when two names mean the same sweep, which would be compared with itself', async () => {
    const files = ['gina', 'hugo'].map((name) => made(`${name}.db`, { sweeps: 1 }));
    const joining = ['--as-one', '--hosts-by', 'file'];
    const joined = await place.run('merge', ...files, '-o', 'one.db', ...joining);
    expect(joined.stderr).toBe('');
    const same = await place.run('compare', '@gina', '@hugo', '--db', 'one.db');
    expect(same.stderr).toContain('A and B are the same runs of sweep lab-');
    const apart = await place.run('compare', 'host=gina', 'host=hugo', '--db', 'one.db');
    expect(apart.stderr).not.toContain('same runs');
  });

  it('leaves merged sweeps to the database where they go on, and `run` says so', async () => {
    place.spec('demo', 'answers');
    await place.run('run', 'demo.yaml', '--db', 'home.db', '--results', 'home');
    await place.run('merge', 'home.db', '-o', 'merged.db');
    const again = ['run', 'demo.yaml', '--db', 'merged.db', '--results', 'merged'];
    const { stderr } = await place.run(...again);
    expect(stderr).toContain(
      'sweep demo-1 was merged and goes on in the database where it was made: starting a new one\n',
    );
    expect(stderr).not.toContain('differ');
    expect((await place.run(...again)).stderr).toContain('sweep demo-2 is complete');
  });

  it('keeps whole databases only when it is killed, and goes on when it is started again', async () => {
    const files = Array.from({ length: 8 }, (_, at) =>
      made(`many/${at}.db`, { sweeps: 2, runs: 30 }),
    );
    const before = files.map((file) => readFileSync(place.path(file), 'hex'));
    made('first.db');
    for (const killedAt of [1, 75, 480]) {
      const output = `killed-${killedAt}.db`;
      await place.run('merge', 'first.db', '-o', output);
      const killed = spawnSync(
        process.execPath,
        ['--import', KILLED, MAIN, 'merge', ...files, '-o', output],
        { cwd: place.folder, env: { ...process.env, KILL_AT_RUN: String(killedAt) } },
      );
      expect(killed.signal).toBe('SIGKILL');
      const runs = place.query<{ file: string; runs: number }>(
        `SELECT file, count(*) AS runs FROM run JOIN environment ON environment.id = environment_id
         JOIN environment_origin USING (environment_id)
         JOIN sweep_origin ON sweep_origin.id = origin_id GROUP BY file ORDER BY file`,
        output,
      );
      expect(runs[0]).toEqual({ file: 'first.db', runs: 4 });
      const whole = Math.floor((killedAt - 1) / 60);
      expect(runs.slice(1)).toEqual(files.slice(0, whole).map((file) => ({ file, runs: 60 })));
      const { code } = await place.run('merge', ...files, '-o', output);
      expect(code).toBe(0);
      expect(place.query('SELECT id FROM run', output)).toHaveLength(4 + 8 * 60);
    }
    expect(files.map((file) => readFileSync(place.path(file), 'hex'))).toEqual(before);
  });
});
