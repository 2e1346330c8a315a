import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { UserError } from '../../../src/errors.ts';
import { nameAmong, readScriptFiles } from '../../../src/trace/user-scripts/script-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-scripts-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string | Buffer = 'BEGIN {}\n'): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

describe('a script that cannot be attached is refused with a message', () => {
  const real = write('real.d');
  symlinkSync(real, join(folder, 'link.d'));
  mkdirSync(join(folder, 'folder.d'));
  execFileSync('mkfifo', [join(folder, 'fifo.d')]);
  it.each([
    ['a folder', ['folder.d'], 'is a folder; expected a .d or .bt file'],
    ['a fifo', ['fifo.d'], 'is no file'],
    ['one that is not there', ['absent.d'], 'cannot be read: ENOENT'],
    ['one named twice', ['real.d', 'real.d'], 'real.d twice'],
    ['one named twice, by a link', ['real.d', 'link.d'], `twice, also as ${real}`],
  ])('because it is %s', (_, names, message) => {
    const read = () => readScriptFiles(names.map((name) => join(folder, name)));
    expect(read).toThrow(UserError);
    expect(read).toThrow(message);
  });

  it('because it is not text, is too long, or never prints before it ends', () => {
    const refused = (name: string, text: string | Buffer) => () =>
      readScriptFiles([write(name, text)]);
    expect(refused('latin1.d', Buffer.from([0x2f, 0x2f, 0xfc, 0x0a]))).toThrow(
      'is not valid UTF-8',
    );
    expect(refused('long.d', ' '.repeat(2 ** 20 + 1))).toThrow('is longer than');
    expect(refused('ring.d', '#pragma D option bufpolicy=ring\nBEGIN {}')).toThrow(
      'bufpolicy=ring',
    );
  });
});

describe('scripts with the same file name', () => {
  it('are told apart by the folders in which they differ', () => {
    const paths = ['/x/spec/a.d', '/x/spec/sub/a.d', '/x/spec/sub/b.d', '/x/spec/sub/deep/a.d'];
    const names = paths.map((path) => nameAmong(path, paths));
    expect(names).toEqual(['a.d', 'sub/a.d', 'b.d', 'sub/deep/a.d']);
    expect(nameAmong('/a.d', ['/a.d', '/y/a.d'])).toBe('a.d');
    expect(nameAmong('/y/a.d', ['/a.d', '/y/a.d'])).toBe('y/a.d');
  });

  it('keep their texts as they were read', () => {
    mkdirSync(join(folder, 'one'));
    const [first, second] = readScriptFiles([
      write('same.bt', 'BEGIN {}'),
      write('one/same.bt', 'END {}'),
    ]);
    expect([first?.name, first?.text]).toEqual(['same.bt', 'BEGIN {}']);
    expect([second?.name, second?.text]).toEqual(['one/same.bt', 'END {}']);
  });
});
