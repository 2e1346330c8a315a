import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, describe, expect, it } from 'vitest';
import { MAIN, Workplace } from './workplace.ts';

const place = new Workplace();
afterAll(() => {
  const left = place.processes();
  place.remove();
  expect(left).toEqual([]);
});

function specWith(name: string, scripts: string): string {
  return place.write(
    `${name}.yaml`,
    [
      `name: ${name}`,
      'benchmark: { program: programs/answers, bare: true }',
      `trace: { tracer: none, scripts: ${scripts} }`,
      'matrix: { buffer_size: 512, total_size: 1KiB }',
      'trials: 1\n',
    ].join('\n'),
  );
}

describe('a script that cannot be run', () => {
  mkdirSync(place.path('folder.bt'));
  place.write('a.bt', 'BEGIN { exit(); }\n');
  it.each([
    ['is a folder', '[folder.bt]', 'is a folder; expected a .d or .bt file'],
    ['is named twice', '[a.bt, ./a.bt]', 'twice'],
    ['is not there', '[absent.bt]', 'cannot read the script'],
  ])('because it %s causes a message without a stack', async (_, scripts, message) => {
    const { code, stderr } = await place.run('run', specWith('refused', scripts));
    expect({ code, bug: stderr.includes('bug') }).toEqual({ code: 2, bug: false });
    expect(stderr).toContain(message);
    expect(stderr).toContain('hint: ');
  });
});

describe('a working folder that was removed', () => {
  it.each([['status'], ['--help'], ['run', 'spec.yaml'], ['doctor']])(
    'causes a message without a stack: %s',
    (...words) => {
      const gone = mkdtempSync(join(tmpdir(), 'ipc-sweep-gone-'));
      // The shell goes there first, and the folder is removed under it.
      const script = 'cd "$1" && rmdir "$1" && shift && exec "$@"';
      const { status, stderr } = spawnSync(
        'sh',
        ['-c', script, 'sh', gone, process.execPath, MAIN, ...words],
        { encoding: 'utf8', cwd: '/' },
      );
      expect({ status, bug: stderr.includes('bug') }).toEqual({ status: 3, bug: false });
      expect(stderr).toContain('ipc-sweep: the working folder is gone');
    },
  );

  it('causes one during a sweep, too, and what was stored is saved', async () => {
    const folder = place.path('goes');
    mkdirSync(folder);
    place.write('programs/answers.log', '');
    place.write('programs/answers.hold-at', '5');
    const spec = place.spec(
      'goes',
      'answers',
      'matrix: { buffer_size: 512, total_size: 1KiB }\ntrials: 2000',
    );
    const words = ['-c', 'cd goes && exec "$@"', 'sh', process.execPath, MAIN, 'run', `../${spec}`];
    const child = spawn('sh', words, {
      cwd: place.folder,
      env: { ...process.env, XDG_CACHE_HOME: place.path('cache') },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    // A sweep in the middle of a run makes no file in a folder that is being removed.
    await place.until(() => existsSync(place.path('programs/answers.held')));
    rmSync(folder, { recursive: true });
    rmSync(place.path('programs/answers.hold-at'));
    expect(await ended).toBe(3);
    expect(stderr).not.toContain('bug');
    const saved = /what was stored is saved in (\S+)/.exec(stderr)?.[1] ?? '';
    expect(
      new Database(saved, { readonly: true }).prepare('SELECT count(*) FROM run').pluck().get(),
    ).toBeGreaterThan(3);
    rmSync(join(saved, '..'), { recursive: true, force: true });
  });
});
