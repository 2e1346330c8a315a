import { existsSync, mkdirSync, readdirSync, statSync, symlinkSync } from 'node:fs';
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

  it('takes the place of a link and leaves alone what it led to', async () => {
    place.write('precious', 'kept');
    mkdirSync(place.path('linked'));
    symlinkSync(place.path('precious'), place.path('linked/report.html'));
    expect((await place.run('report', '--out', 'linked/report.html')).code).toBe(0);
    expect(place.read('precious')).toBe('kept');
    expect(place.read('linked/report.html')).toContain('</html>');
  });

  it('does not follow a folder that is a link', async () => {
    mkdirSync(place.path('elsewhere'));
    symlinkSync(place.path('elsewhere'), place.path('link'));
    const { code, stderr } = await place.run('report', '--out', 'link/report.html');
    expect(code).toBe(3);
    expect(stderr).toContain('link is a symbolic link, which is not followed');
    expect(existsSync(place.path('elsewhere/report.html'))).toBe(false);
  });

  it('says what is wrong: no such sweep, no database, a folder in the way', async () => {
    expect((await place.run('report', 'nobody')).code).toBe(2);
    expect((await place.run('report', '--db', 'none.db')).code).toBe(2);
    mkdirSync(place.path('way/report.html'), { recursive: true });
    const { code, stderr } = await place.run('report', '--out', 'way/report.html');
    expect(code).toBe(3);
    expect(stderr).toMatch(/^ipc-sweep: cannot write the report in way: /);
    expect(readdirSync(place.path('way'))).toEqual(['report.html']);
  });

  it.skipIf(process.getuid?.() !== 0)('gives the file to who called sudo', async () => {
    const sudo = { SUDO_UID: '65534', SUDO_GID: '65534' };
    await place.start(['report', '--out', 'theirs/report.html'], sudo).ended;
    expect(statSync(place.path('theirs/report.html')).uid).toBe(65534);
    expect(statSync(place.path('theirs')).uid).toBe(65534);
  });
});
