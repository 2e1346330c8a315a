import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
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

it('a scratch folder bears the name of its process, and goes with what is in it', () => {
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
