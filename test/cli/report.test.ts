import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readdirSync, statSync, symlinkSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Workplace } from './workplace.ts';

const place = new Workplace();
afterAll(() => place.remove());

beforeAll(async () => {
  const spec = place.spec('reported', 'answers');
  expect((await place.run('run', spec)).code).toBe(0);
});

describe('ipc-sweep report', () => {
  it('writes one file beside the CSV files, says where, and leaves no draft', async () => {
    const ended = await place.run('report');
    expect(ended).toEqual({
      ...{ code: 0, signal: null, stderr: '' },
      stdout: 'results/reported-1/report.html\n',
    });
    const page = place.read('results/reported-1/report.html');
    expect(page).toMatch(/^<!DOCTYPE html>/);
    expect(page).toContain('<h1>reported</h1>');
    expect(page).toContain('<figure id="bandwidth"');
    expect(readdirSync(place.path('results/reported-1')).filter((n) => /partial/.test(n))).toEqual(
      [],
    );
  });

  it('writes the same bytes again, to the file that --out names', async () => {
    const { stdout } = await place.run('report', 'reported', '--out', 'deep/er/mine.html');
    expect(stdout).toBe('deep/er/mine.html\n');
    expect(place.read('deep/er/mine.html')).toBe(place.read('results/reported-1/report.html'));
  });

  it('never replaces a link, a fifo or a folder', async () => {
    place.write('precious', 'kept');
    mkdirSync(place.path('way/report.html'), { recursive: true });
    symlinkSync(place.path('precious'), place.path('way/link.html'));
    execFileSync('mkfifo', [place.path('way/fifo.html')]);
    for (const [name, what] of [
      ['link.html', 'a symbolic link, which is not followed'],
      ['fifo.html', 'a named pipe (fifo), not a file'],
      ['report.html', 'a folder, not a file'],
    ] as const) {
      const { code, stderr } = await place.run('report', '--out', `way/${name}`);
      expect(code).toBe(3);
      expect(stderr).toContain(`ipc-sweep: way/${name} is ${what}\nhint: name a file`);
    }
    expect(place.read('precious')).toBe('kept');
    expect(readdirSync(place.path('way')).sort()).toEqual([
      ...['fifo.html', 'link.html', 'report.html'],
    ]);
    expect(lstatSync(place.path('way/link.html')).isSymbolicLink()).toBe(true);
    expect(lstatSync(place.path('way/fifo.html')).isFIFO()).toBe(true);
  });

  it('does not follow a folder that is a link', async () => {
    mkdirSync(place.path('elsewhere'));
    symlinkSync(place.path('elsewhere'), place.path('link'));
    const { code, stderr } = await place.run('report', '--out', 'link/report.html');
    expect(code).toBe(3);
    expect(stderr).toContain('link is a symbolic link, which is not followed');
    expect(existsSync(place.path('elsewhere/report.html'))).toBe(false);
  });

  it('says that there is no such sweep, or no database', async () => {
    expect((await place.run('report', 'nobody')).code).toBe(2);
    expect((await place.run('report', '--db', 'none.db')).code).toBe(2);
  });

  it.skipIf(process.getuid?.() !== 0)('gives the file to the user who called sudo', async () => {
    const sudo = { SUDO_UID: '65534', SUDO_GID: '65534' };
    await place.start(['report', '--out', 'theirs/report.html'], sudo).ended;
    expect(statSync(place.path('theirs/report.html')).uid).toBe(65534);
    expect(statSync(place.path('theirs')).uid).toBe(65534);
  });
});
