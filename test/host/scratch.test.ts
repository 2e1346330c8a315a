import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeScratch, removeStaleScratch } from '../../src/host/scratch.ts';

const before = process.env.TMPDIR;
const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-scratch-test-'));
beforeAll(() => {
  process.env.TMPDIR = folder;
});
afterEach(() => {
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
});
afterAll(() => {
  if (before === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = before;
  rmSync(folder, { recursive: true, force: true });
});

it('a scratch folder has the name of its process, and is removed with its contents', () => {
  const scratch = makeScratch('test');
  expect(readdirSync(folder)).toEqual([
    expect.stringMatching(new RegExp(`^ipc-sweep-${process.pid}-test-`)),
  ]);
  writeFileSync(join(scratch.folder, 'file'), '');
  scratch.remove();
  scratch.remove();
  expect(readdirSync(folder)).toEqual([]);
});

it('the folders of dead processes are removed, and nothing else', () => {
  const { pid: dead } = spawnSync('true');
  const living = [makeScratch('mine').folder, join(folder, 'ipc-sweep-1-of-init')];
  const others = [
    'ipc-sweep-test-x',
    `ipc-sweep-${dead}`,
    `my-ipc-sweep-${dead}-x`,
    'ipc-sweep--x',
  ];
  const stale = join(folder, `ipc-sweep-${dead}-dtrace-abc`);
  mkdirSync(stale, { mode: 0o700 });
  mkdirSync(join(stale, 'deeper'));
  mkdirSync(living[1]!);
  for (const name of others) mkdirSync(join(folder, name));
  removeStaleScratch();
  expect(existsSync(stale)).toBe(false);
  for (const path of [...living, ...others.map((name) => join(folder, name))]) {
    expect([path, existsSync(path)]).toEqual([path, true]);
  }
});

/** The number of a process that has ended. */
function deadPid(): number {
  return spawnSync('true').pid;
}

describe('a folder with the name of a scratch folder that is not ours to remove', () => {
  const treasure = mkdtempSync(join(tmpdir(), 'ipc-sweep-treasure-'));
  afterAll(() => rmSync(treasure, { recursive: true }));

  it('stays when it is a link, and so does what it leads to', () => {
    writeFileSync(join(treasure, 'file'), '');
    symlinkSync(treasure, join(folder, `ipc-sweep-${deadPid()}-x-1`));
    removeStaleScratch();
    expect(readdirSync(folder)).toHaveLength(1);
    expect(existsSync(join(treasure, 'file'))).toBe(true);
  });

  it('stays when it is open to others, who may have made names in it', () => {
    const planted = join(folder, `ipc-sweep-${deadPid()}-x-1`);
    mkdirSync(planted);
    chmodSync(planted, 0o755);
    removeStaleScratch();
    expect(existsSync(planted)).toBe(true);
  });

  it('stays when others could replace it', () => {
    const planted = join(folder, `ipc-sweep-${deadPid()}-x-1`);
    mkdirSync(planted, { mode: 0o700 });
    chmodSync(folder, 0o777);
    removeStaleScratch();
    expect(existsSync(planted)).toBe(true);
    // As in /tmp: only who owns it can.
    chmodSync(folder, 0o1777);
    removeStaleScratch();
    expect(existsSync(planted)).toBe(false);
    chmodSync(folder, 0o700);
  });

  it('stays when it is somebody else’s (this test needs root)', (context) => {
    if (process.getuid?.() !== 0) return context.skip('needs root, to give it away');
    const planted = join(folder, `ipc-sweep-${deadPid()}-x-1`);
    mkdirSync(planted, { mode: 0o700 });
    writeFileSync(join(planted, 'file'), '');
    chownSync(planted, 12345, 12345);
    removeStaleScratch();
    expect(existsSync(join(planted, 'file'))).toBe(true);
  });
});

it('no file is kept where others could replace it by a program of their own', () => {
  chmodSync(folder, 0o777);
  expect(() => makeScratch('test')).toThrow(
    `cannot keep temporary files in ${folder}: others can put theirs in their place, by ${folder}`,
  );
  expect(readdirSync(folder)).toEqual([]);
  chmodSync(folder, 0o1777);
  makeScratch('test').remove();
  chmodSync(folder, 0o700);
});
