import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { makeFolder } from '../../src/host/make-folder.ts';

const place = mkdtempSync(join(tmpdir(), 'ipc-sweep-folders-'));
afterAll(() => rmSync(place, { recursive: true, force: true }));

const isFolder = (path: string) => statSync(path).isDirectory();

describe('the creation of a folder', () => {
  it('creates missing parents, and leaves an existing folder as it is', () => {
    const path = `${place}/a/b/../c/d`;
    makeFolder(path);
    writeFileSync(join(path, 'kept'), 'kept');
    makeFolder(path);
    expect(readFileSync(join(place, 'a/c/d/kept'), 'utf8')).toBe('kept');
    expect(isFolder(join(place, 'a/b'))).toBe(true);
  });

  it('gives each the mode that is asked for', () => {
    makeFolder(join(place, 'private/inner'), 0o700);
    for (const name of ['private', 'private/inner']) {
      expect(statSync(join(place, name)).mode & 0o777).toBe(0o700);
    }
  });

  it('follows a link to a folder', () => {
    mkdirSync(join(place, 'real'));
    symlinkSync('real', join(place, 'link'));
    makeFolder(join(place, 'link/inner'));
    expect(isFolder(join(place, 'real/inner'))).toBe(true);
  });

  it.each([
    ['a file', (path: string) => writeFileSync(path, '')],
    ['a link to nothing', (path: string) => symlinkSync('nowhere', path)],
    ['a link to itself', (path: string) => symlinkSync(path, path)],
  ])('fails where %s stands in the way', (name, plant) => {
    const path = join(place, name);
    plant(path);
    for (const folder of [path, join(path, 'inner')]) {
      expect(() => makeFolder(folder)).toThrow(
        expect.objectContaining({
          code: expect.stringMatching(/^(EEXIST|ENOTDIR|ELOOP)$/),
          syscall: expect.any(String),
        }),
      );
    }
  });

  it.skipIf(process.platform !== 'linux')(
    'ends with an error where nobody can create a folder',
    () => {
      for (const path of ['/proc/x', '/proc/x/y/z', '/proc/self/fd/x/y']) {
        expect(() => makeFolder(path)).toThrow(
          expect.objectContaining({
            message: expect.stringMatching(/^no folder can be made in \/proc/),
            code: 'ENOENT',
            syscall: 'mkdir',
          }),
        );
      }
    },
  );
});
