import { spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { MAIN, Workplace } from './workplace.ts';

const place = new Workplace();
afterAll(() => {
  const left = place.processes();
  place.remove();
  expect(left).toEqual([]);
});

const SMALL = 'matrix: { buffer_size: 512, total_size: 1KiB }\ntrials: 1';

describe('a name in a spec', () => {
  it.each(['../evil', '/tmp/evil', '..', '.hidden', 'a/b', '"a\\nb"', '"a\\0b"', '-rf', "''"])(
    'cannot be %s, because it is used as the name of a folder in results/',
    async (name) => {
      place.spec('named', 'answers', SMALL);
      place.write('named.yaml', place.read('named.yaml').replace('name: named', `name: ${name}`));
      const before = readdirSync(place.folder);
      const { code, stdout, stderr } = await place.run('run', 'named.yaml', '--results', 'named');
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toContain('expected a name of letters, digits');
      expect(readdirSync(place.folder)).toEqual(before);
    },
  );
});

describe('a symbolic link that somebody has planted', () => {
  const spec = place.spec('planted', 'answers', SMALL);
  const target = 'What stands here must not change.\n';

  it.each(['', '.lock', '.holder', '-wal', '-shm', '-journal'])(
    'in place of ipc-sweep.db%s is not followed',
    async (side) => {
      const results = `links${side || '-itself'}`;
      mkdirSync(place.path(results));
      place.write(`${results}.target`, target);
      symlinkSync(`../${results}.target`, place.path(results, `ipc-sweep.db${side}`));
      const { code, stderr } = await place.run('run', spec, '--results', results);
      expect(code).toBe(3);
      expect(stderr).toMatch(/^ipc-sweep: .*(symbolic link|ELOOP)[\s\S]*^hint: /m);
      expect(place.read(`${results}.target`)).toBe(target);
    },
  );

  it('to a place that does not exist creates nothing there', async () => {
    mkdirSync(place.path('dangling'));
    symlinkSync('../made', place.path('dangling/ipc-sweep.db'));
    expect((await place.run('run', spec, '--results', 'dangling')).code).toBe(3);
    expect(existsSync(place.path('made'))).toBe(false);
  });

  it('in place of a CSV file is replaced, and its target stays as it was', async () => {
    mkdirSync(place.path('csv/planted-1'), { recursive: true });
    place.write('csv.target', target);
    for (const name of ['runs.csv', 'runs.csv.partial', 'summary.csv', 'events.csv']) {
      symlinkSync('../../csv.target', place.path('csv/planted-1', name));
    }
    const { code } = await place.run('run', spec, '--results', 'csv');
    expect(code).toBe(0);
    expect(place.read('csv.target')).toBe(target);
    expect(lstatSync(place.path('csv/planted-1/runs.csv')).isFile()).toBe(true);
    expect(place.csv('csv/planted-1/runs.csv')).toHaveLength(1);
  });

  it('in place of the folder for CSV files is refused, and the measured runs are stored', async () => {
    mkdirSync(place.path('folder'));
    mkdirSync(place.path('elsewhere'));
    symlinkSync('../elsewhere', place.path('folder/planted-1'));
    const { code, stderr } = await place.run('run', spec, '--results', 'folder');
    expect(code).toBe(3);
    expect(stderr).toContain('folder/planted-1 is a symbolic link, which is not followed');
    expect(readdirSync(place.path('elsewhere'))).toEqual([]);
    expect(place.query('SELECT state FROM run', 'folder/ipc-sweep.db')).toHaveLength(1);
  });
});

describe('a symbolic link where a file is to be written', () => {
  it.each([
    ['init', 2, 'is there already', ['init']],
    ['schema --write', 3, 'is a symbolic link, which is not followed', ['schema', '--write']],
  ])('is not followed by %s, wherever it leads', async (_, exitCode, said, words) => {
    place.write('written.target', 'as it was');
    for (const target of ['written.target', 'nowhere.target']) {
      const link = `link-to-${words[0]}-${target}`;
      symlinkSync(target, place.path(link));
      const { code, stderr } = await place.run(...words, link);
      expect(code).toBe(exitCode);
      expect(stderr).toContain(`${link} ${said}`);
    }
    expect(place.read('written.target')).toBe('as it was');
    expect(existsSync(place.path('nowhere.target'))).toBe(false);
  });
});

describe('a YAML tag', () => {
  it.each([
    '!!js/function "function () { return 1 }"',
    '!!python/object/apply:os.system ["id"]',
    '!ruby/object:Gem {}',
    '!!binary aGVsbG8=',
    '!include /etc/passwd',
  ])('makes no object and is refused: %s', async (value) => {
    place.write('tagged.yaml', `name: tagged\ndescription: ${value}\n`);
    const { code, stderr } = await place.run('run', 'tagged.yaml', '--results', 'tagged');
    expect(code).toBe(2);
    expect(stderr).toMatch(/^ipc-sweep: tagged\.yaml:2:\d+: .*tag/);
    expect(existsSync(place.path('tagged'))).toBe(false);
  });
});

describe('the stored data of a sweep', () => {
  it('contains nothing of the environment variables', async () => {
    const marker = 'token-5f1c27d0c9';
    const spec = place.spec('secret', 'shows-itself', SMALL);
    const secrets = { AWS_SECRET_ACCESS_KEY: marker, GITHUB_TOKEN: marker, NODE_OPTIONS: '' };
    for (const program of ['shows-itself', 'answers']) {
      place.write(
        'secret.yaml',
        place.read(spec).replace(/programs\/[\w-]+/, `programs/${program}`),
      );
      await place.start(['run', 'secret.yaml', '--results', 'secret'], secrets).ended;
    }
    const files = readdirSync(place.path('secret'), { recursive: true, encoding: 'utf8' });
    expect(files).toContain('ipc-sweep.db');
    const holding = files
      .filter((name) => statSync(place.path('secret', name)).isFile())
      .filter((name) => readFileSync(place.path('secret', name)).includes(marker));
    expect(holding).toEqual([]);
  });

  it('has the modes that the umask leaves', () => {
    const spec = place.spec('masked', 'answers', SMALL);
    const words = ['umask 027; exec "$@"', 'sh', process.execPath, MAIN, 'run', spec];
    const { status } = spawnSync('sh', ['-c', ...words, '--results', 'masked'], {
      cwd: place.folder,
    });
    expect(status).toBe(0);
    const mode = (name: string) => (statSync(place.path('masked', name)).mode & 0o777).toString(8);
    expect(['.', 'masked-1'].map(mode)).toEqual(['750', '750']);
    const files = ['ipc-sweep.db', 'ipc-sweep.db.lock', 'masked-1/runs.csv'];
    expect(files.map(mode)).toEqual(['640', '640', '640']);
  });
});

describe('a tracing script outside the folder of the spec', () => {
  const scripted = (name: string, script: string) => {
    place.write(
      `specs/${name}.yaml`,
      `name: ${name}\nbenchmark: { program: ../programs/answers }\ntrace: { tracer: none, scripts: ['${script}'] }\n`,
    );
    return `specs/${name}.yaml`;
  };
  mkdirSync(place.path('specs'));
  place.write('outside.bt', 'BEGIN { exit(); }\n');
  symlinkSync('../outside.bt', place.path('specs/inside.bt'));
  symlinkSync('..', place.path('specs/up'));

  it.each(['../outside.bt', 'inside.bt', 'up/outside.bt', place.path('outside.bt')])(
    'is not run: %s',
    async (script) => {
      const spec = scripted('scripted', script);
      const { code, stderr } = await place.run('run', spec, '--results', 'scripted');
      expect(code).toBe(2);
      expect(stderr).toMatch(
        /the script .*outside\.bt is outside the spec's folder .*\nhint: pass --allow-scripts/,
      );
      expect(existsSync(place.path('scripted'))).toBe(false);
    },
  );
});
