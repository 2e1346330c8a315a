import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { changeableByOthersHere } from '../../src/host/private-path.ts';

const me = process.getuid?.() ?? 0;
let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-private-test-'));
  mkdirSync(join(folder, 'cache'));
  file = join(folder, 'cache', 'program');
  writeFileSync(file, '');
  chmodSync(file, 0o755);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the search for a part of a path that others can change', () => {
  it('finds none below a sticky folder that everybody may write to', () => {
    expect(changeableByOthersHere(file, me)).toBeUndefined();
  });

  it.each([
    ['the file', 'cache/program', 0o775],
    ['its folder', 'cache', 0o777],
    ['a folder above', '', 0o720],
  ])('finds %s when others may write to it', (_, name, mode) => {
    chmodSync(join(folder, name), mode);
    expect(changeableByOthersHere(file, me)).toBe(join(folder, name).replace(/\/$/, ''));
  });

  it('finds none for a trusted group, and one for any other group', () => {
    chmodSync(join(folder, 'cache'), 0o770);
    const group = process.getegid?.() ?? 0;
    expect(changeableByOthersHere(file, me, group)).toBeUndefined();
    expect(changeableByOthersHere(file, me, group + 1)).toBe(join(folder, 'cache'));
    chmodSync(join(folder, 'cache'), 0o772);
    expect(changeableByOthersHere(file, me, group)).toBe(join(folder, 'cache'));
  });

  it.skipIf(me !== 0)('finds a part that somebody else owns (this test needs root)', () => {
    chownSync(join(folder, 'cache'), 12345, 12345);
    expect(changeableByOthersHere(file, me)).toBe(join(folder, 'cache'));
    expect(changeableByOthersHere(file, 12345)).toBeUndefined();
  });
});
