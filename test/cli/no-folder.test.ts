import { spawnSync } from 'node:child_process';
import { afterAll, describe, expect, it } from 'vitest';
import { openForWriting } from '../../src/store/open.ts';
import { exampleResult, exampleSweep } from '../store/example-sweep.ts';
import { MAIN, Workplace } from './workplace.ts';

const place = new Workplace();
afterAll(() => place.remove());

const spec = place.spec('small', 'answers');
const bundled = place.write('bundled.yaml', 'name: bundled\ntrace: { tracer: none }\n');
const { db, close } = openForWriting(place.path('stored.db'));
const { store } = exampleSweep(db);
for (const trial of [1, 2]) store(exampleResult(trial));
close();

/** Ends what never ends: it would take a processor for itself. */
function run(words: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...words], {
    cwd: place.folder,
    env: { ...process.env, XDG_CACHE_HOME: place.path('cache'), ...environment },
    encoding: 'utf8',
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
  return { status, stdout, stderr };
}

const NOWHERE = '/proc/nowhere/at/all';

describe.skipIf(process.platform !== 'linux')('where no folder can be created', () => {
  it.each([
    ['run', spec, '--results', NOWHERE],
    ['run', spec, '--db', `${NOWHERE}/x.db`],
    ['replay', '--db', `${NOWHERE}/x.db`],
    ['init', `${NOWHERE}/x.yaml`],
    ['schema', '--write', `${NOWHERE}/x.json`],
    ['export', '--db', 'stored.db', '--out', NOWHERE],
    ['plot', '--db', 'stored.db', '--out', NOWHERE],
    ['report', '--db', 'stored.db', '--out', `${NOWHERE}/x.html`],
    ['compare', '1', '1', '--db', 'stored.db', '--out', NOWHERE],
  ])('%s reports it and ends with exit code 3', (...words) => {
    const { status, stderr } = run(words);
    expect(stderr).toMatch(/^ipc-sweep: cannot (use|write) .*\/proc\/(.*\n)+hint: /m);
    expect(stderr).not.toMatch(/^ {4}at /m);
    expect(status).toBe(3);
  });

  it.each([{ HOME: '/proc', XDG_CACHE_HOME: '' }, { XDG_CACHE_HOME: NOWHERE }])(
    'run and doctor cannot store an agent, and say why: %o',
    (environment) => {
      for (const words of [['run', bundled], ['doctor']]) {
        const { status, stderr } = run(words, environment);
        expect(stderr).toMatch(/the agent cannot be kept: .*\/proc.*\nhint: set XDG_CACHE_HOME/);
        expect(status).toBe(3);
      }
    },
  );
});

describe('a file that cannot be created, because a file stands where its folder should, or its name is too long', () => {
  it.each(['file/x', 'x'.repeat(300)])('is a mistake of the user, not a bug', (name) => {
    place.write('file', '');
    place.write('expects.yaml', `${place.read(spec)}expect: [bandwidth.median > 1B/s]\n`);
    for (const words of [
      ...[['status'], ['top'], ['export'], ['replay'], ['note', '1', 'x'], ['doctor']].map(
        (command) => [...command, '--db', name],
      ),
      ['run', spec, '--db', name],
      ['compare', '1', '1', '--db', name],
      ['merge', 'stored.db', '-o', name],
      ['merge', name, '-o', 'merged.db'],
      ['slurm', 'status', name],
      ['report', '--db', 'stored.db', '--out', name],
      ['schema', '--write', name],
      ['check', 'expects.yaml', '--db', 'stored.db', '--out', name],
    ]) {
      const { status, stderr } = run(words);
      expect(stderr).toMatch(/^ipc-sweep: cannot (use|read) .*(file\/|xxx).*\nhint: /);
      expect({ words, status }).toEqual({ words, status: words[0] === 'slurm' ? 2 : 3 });
    }
    const { status, stdout } = run(['check', 'expects.yaml', '--db', name, '--csv']);
    expect(stdout).toContain('not-judged');
    expect(status).toBe(1);
  });
});
