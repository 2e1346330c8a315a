import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { MARK, markFolder, requireOwnFolder } from '../../src/export/folder-mark.ts';

const root = mkdtempSync(join(tmpdir(), 'ipc-sweep-whose-folder-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let place = '';
let number = 0;
const at = (...parts: string[]) => join(place, ...parts);
beforeEach(() => {
  place = join(root, String(++number));
  mkdirSync(at('results/x-1'), { recursive: true });
  for (const name of ['a.db', 'b.db']) writeFileSync(at('results', name), '');
});
const source = (id: string, name = id) => ({ id, file: at('results', `${name}.db`) });
const mark = (id: string, name = id) => markFolder(at('results/x-1'), source(id, name));

describe('the folder of a sweep', () => {
  it('belongs to its database, and is refused to any other existing one', async () => {
    expect(await mark('a')).toBe(at('results/x-1', MARK));
    await mark('a');
    await expect(mark('b')).rejects.toMatchObject({
      message: `${at('results/x-1')} holds the tables of a sweep of another database, ${at('results/a.db')}: they are not overwritten`,
      exitCode: 3,
    });
    expect(() => requireOwnFolder(at('results/x-1'), source('a'))).not.toThrow();
  });

  it('is free when it does not exist, or has no mark that can be read', async () => {
    requireOwnFolder(at('results/y-1'), source('b'));
    // Whoever writes says that it cannot be a folder.
    requireOwnFolder(at('results/a.db/x-1'), source('b'));
    for (const text of [
      '',
      '{',
      '[]',
      'null',
      '{"database":1}',
      '{"database":"a","file":"\\u0000"}',
    ]) {
      writeFileSync(at('results/x-1', MARK), text);
      requireOwnFolder(at('results/x-1'), source('b'));
    }
    await mark('b');
  });

  it('goes to a database that was made anew in the same place, or to another if the first is gone', async () => {
    await mark('a');
    await mark('new', 'a');
    rmSync(at('results/a.db'));
    await mark('b');
  });

  it.each([
    ['a file', (path: string) => writeFileSync(path, '')],
    ['a link to itself', (path: string) => symlinkSync(path, path)],
  ])('goes to another database if %s is where a folder of the first was', async (_, replace) => {
    mkdirSync(at('results/deep'));
    writeFileSync(at('results/deep/a.db'), '');
    await markFolder(at('results/x-1'), { id: 'a', file: at('results/deep/a.db') });
    await expect(mark('b')).rejects.toThrow('another database');
    rmSync(at('results/deep'), { recursive: true });
    replace(at('results/deep'));
    requireOwnFolder(at('results/x-1'), source('b'));
    await mark('b');
  });

  it('stays with its database when both are moved, together or separately', async () => {
    await mark('a');
    renameSync(at('results'), at('elsewhere'));
    const moved = { id: 'a', file: at('elsewhere/a.db') };
    const text = readFileSync(at('elsewhere/x-1', MARK), 'utf8');
    await markFolder(at('elsewhere/x-1'), moved);
    expect(readFileSync(at('elsewhere/x-1', MARK), 'utf8')).toBe(text);
    await expect(
      markFolder(at('elsewhere/x-1'), { id: 'b', file: at('elsewhere/b.db') }),
    ).rejects.toThrow('another database');
    renameSync(at('elsewhere/a.db'), at('a.db'));
    await markFolder(at('elsewhere/x-1'), { id: 'a', file: at('a.db') });
    await expect(
      markFolder(at('elsewhere/x-1'), { id: 'b', file: at('elsewhere/b.db') }),
    ).rejects.toThrow(`another database, ${at('a.db')}`);
  });
});
