import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { currentUser, gitState } from '../../../src/host/machine/git-state.ts';

const me = { effective: process.geteuid?.(), sudo: undefined };
const asRoot = it.skipIf(me.effective !== 0);
const SOMEBODY = 65_534;
let folder: string;
let spec: string;

function git(...args: string[]): string {
  const own = ['-c', 'user.name=a', '-c', 'user.email=a@example.org', '-c', 'safe.directory=*'];
  return execFileSync('git', [...own, '-C', folder, ...args], { encoding: 'utf8' }).trim();
}

function giveAway(path: string): void {
  chownSync(path, SOMEBODY, SOMEBODY);
  for (const entry of readdirSync(path, { recursive: true, encoding: 'utf8' })) {
    chownSync(join(path, entry), SOMEBODY, SOMEBODY);
  }
}

const state = async (user: Parameters<typeof gitState>[1] = me) =>
  Object.fromEntries(await gitState(spec, user));

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'ipc-sweep-git-')));
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, 'specs'));
  spec = join(folder, 'specs', 'a.yaml');
  writeFileSync(spec, 'name: a\n');
  git('init', '-q');
  git('add', '.');
  git('commit', '-q', '-m', 'x');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("the state of the spec's repository", () => {
  it('is its commit, clean, with the spec in it', async () => {
    expect(await state()).toEqual({
      git_commit: git('rev-parse', 'HEAD'),
      git_dirty: 0,
      git_spec_tracked: 1,
    });
  });

  it('is dirty when a tracked file differs, but not when results are in it', async () => {
    writeFileSync(join(folder, 'specs', 'results.db'), 'x');
    expect(await state()).toMatchObject({ git_dirty: 0 });
    appendFileSync(spec, '#\n');
    expect(await state()).toMatchObject({ git_dirty: 1 });
  });

  it('says when the spec is not tracked', async () => {
    spec = join(folder, 'specs', 'new.yaml');
    writeFileSync(spec, 'name: new\n');
    expect(await state()).toMatchObject({ git_dirty: 0, git_spec_tracked: 0 });
  });

  it('is unknown without a repository, a commit or a file', async () => {
    rmSync(join(folder, '.git'), { recursive: true });
    expect(await state()).toEqual({});
    git('init', '-q');
    expect(await state()).toEqual({});
    spec = join(folder, 'absent.yaml');
    expect(await state()).toEqual({});
  });

  it('is read without starting a monitor or a hook that the repository names', async () => {
    const trap = join(folder, 'trap');
    writeFileSync(trap, `#!/bin/sh\ntouch ${folder}/sprung\n`);
    chmodSync(trap, 0o755);
    git('config', 'core.fsmonitor', trap);
    mkdirSync(join(folder, '.git', 'hooks'), { recursive: true });
    writeFileSync(join(folder, '.git', 'hooks', 'post-index-change'), `#!/bin/sh\n${trap}\n`);
    chmodSync(join(folder, '.git', 'hooks', 'post-index-change'), 0o755);
    writeFileSync(spec, 'name: a\n');
    expect(await state()).toMatchObject({ git_dirty: 0 });
    expect(existsSync(join(folder, 'sprung'))).toBe(false);
  });

  it('is reported as unknown where the repository is a link to itself', async () => {
    rmSync(join(folder, '.git'), { recursive: true, force: true });
    symlinkSync('.git', join(folder, '.git'));
    expect(await state()).toEqual({ git_unread: expect.stringContaining('ELOOP') });
  });

  it('is reported as unknown where git is not installed', async () => {
    vi.stubEnv('PATH', join(folder, 'nothing'));
    expect(await state()).toEqual({ git_unread: 'git is not installed' });
    vi.unstubAllEnvs();
  });

  asRoot(
    "is not read when the repository is somebody else's and root asks, and says so",
    async () => {
      giveAway(folder);
      const unread = { git_unread: `${folder} belongs to somebody else` };
      expect(await state()).toEqual(unread);
      expect(await state({ effective: 0, sudo: { uid: 1000, gid: 1000 } })).toEqual(unread);
    },
  );

  asRoot('is read as the user who called sudo, when it is theirs', async () => {
    const trap = join(folder, 'specs', 'filter.sh');
    writeFileSync(trap, `#!/bin/sh\nid -u > ${folder}/who\ncat\n`);
    chmodSync(trap, 0o755);
    git('config', 'filter.f.clean', trap);
    writeFileSync(join(folder, '.gitattributes'), '*.yaml filter=f\n');
    giveAway(folder);
    writeFileSync(spec, 'name: a\n');
    const found = await state({ effective: 0, sudo: { uid: SOMEBODY, gid: SOMEBODY } });
    expect(found).toMatchObject({ git_dirty: 0, git_spec_tracked: 1 });
    // The repository's own settings have started a program: as that user, not as root.
    expect(execFileSync('cat', [join(folder, 'who')], { encoding: 'utf8' })).toBe(`${SOMEBODY}\n`);
  });

  asRoot('is left out when its .git belongs to another user than its folder', async () => {
    giveAway(join(folder, '.git'));
    expect(await state()).toEqual({ git_unread: `${folder} belongs to somebody else` });
  });
});

it('the user who called sudo is read only from whole numbers', () => {
  expect(currentUser({ SUDO_UID: '1000', SUDO_GID: '100' }, 0)).toEqual({
    effective: 0,
    sudo: { uid: 1000, gid: 100 },
  });
  expect(currentUser({ SUDO_UID: '-1', SUDO_GID: '100' }, 0).sudo).toBeUndefined();
  expect(currentUser({}, 1000)).toEqual({ effective: 1000, sudo: undefined });
});
