import { chownSync, linkSync, mkdirSync, readdirSync, statSync, symlinkSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { Workplace } from './workplace.ts';

const NOBODY = 65534;
const SUDO = { SUDO_UID: String(NOBODY), SUDO_GID: String(NOBODY) };
const place = new Workplace();
afterAll(() => place.remove());

const ownersIn = (folder: string) =>
  Object.fromEntries(
    ['.', ...readdirSync(place.path(folder), { recursive: true, encoding: 'utf8' })].map((name) => {
      const { uid, gid } = statSync(place.path(folder, name));
      return [name, uid === gid ? uid : `${uid}:${gid}`];
    }),
  );
const owners = (folder: string) => [...new Set(Object.values(ownersIn(folder)))];

describe.skipIf(process.getuid?.() !== 0)('under sudo (these tests need root)', () => {
  const spec = place.spec('owned', 'answers', 'matrix: { buffer_size: 512 }\ntrials: 1');
  const run = (results: string, environment: NodeJS.ProcessEnv = SUDO) =>
    place.start(['run', spec, '--results', results], environment).ended;

  it('everything that `run` and `export` have made belongs to the user who called sudo', async () => {
    expect((await run('mine/deep')).code).toBe(0);
    expect(owners('mine')).toEqual([NOBODY]);
    const words = ['export', '--results', 'mine/deep', '--out', 'mine/out'];
    expect((await place.start(words, SUDO).ended).code).toBe(0);
    expect(owners('mine')).toEqual([NOBODY]);
  });

  it('what a killed sweep has left as root in the folder of the user is given back, too', async () => {
    mkdirSync(place.path('theirs'));
    chownSync(place.path('theirs'), NOBODY, NOBODY);
    expect((await run('theirs/results', {})).code).toBe(0);
    expect(owners('theirs/results')).toEqual([0]);
    expect((await run('theirs/results')).code).toBe(0);
    expect(owners('theirs')).toEqual([NOBODY]);
  });

  it("an existing folder of root's stays root's, and so do the other files in it", async () => {
    mkdirSync(place.path('rooted'));
    place.write('rooted/other', '');
    expect((await run('rooted')).code).toBe(0);
    const { '.': folder, other, ...made } = ownersIn('rooted');
    expect([folder, other]).toEqual([0, 0]);
    expect(new Set(Object.values(made))).toEqual(new Set([NOBODY]));
  });

  it('a file with a second name stays root’s', async () => {
    mkdirSync(place.path('linked'));
    place.write('precious', '');
    linkSync(place.path('precious'), place.path('linked/ipc-sweep.db.recovered'));
    expect((await run('linked')).code).toBe(0);
    expect(statSync(place.path('precious')).uid).toBe(0);
  });

  it('programs built in a cache of the user are given back, but neither links nor what they lead to', async () => {
    mkdirSync(place.path('home'));
    chownSync(place.path('home'), NOBODY, NOBODY);
    const cache = { XDG_CACHE_HOME: place.path('home/.cache') };
    expect((await run('warm', { ...SUDO, ...cache })).code).toBe(0);
    expect(Object.keys(ownersIn('home')).length).toBeGreaterThan(4);
    expect(owners('home')).toEqual([NOBODY]);
    // As an attacker would name it, to be given what lies there.
    const planted = `agent-${'0'.repeat(16)}-Linux-x86_64`;
    mkdirSync(place.path('rooted-program'));
    place.write('rooted-program/agent', '');
    symlinkSync('../../../rooted-program', place.path('home/.cache/ipc-sweep', planted));
    expect((await run('warm', { ...SUDO, ...cache })).code).toBe(0);
    expect(owners('rooted-program')).toEqual([0]);
  });

  it("programs built in a cache of root's stay root's", async () => {
    mkdirSync(place.path('root-home'));
    const cache = { XDG_CACHE_HOME: place.path('root-home/.cache') };
    expect((await run('cold', { ...SUDO, ...cache })).code).toBe(0);
    expect(owners('root-home')).toEqual([0]);
  });

  it.each([
    ['without sudo', {}],
    ['when root called it', { SUDO_UID: '0', SUDO_GID: '0' }],
    ['when the ids are no numbers', { SUDO_UID: '-1', SUDO_GID: 'x' }],
  ])('nothing changes hands %s', async (_, environment) => {
    expect((await run('plain', environment)).code).toBe(0);
    expect(owners('plain')).toEqual([0]);
  });
});
