import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { writeFolder, writeWhole } from '../../src/export/safe-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-safe-file-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const inFolder = (name: string) => join(folder, name);
/** Above the largest number that a process can have. */
const DEAD = 2 ** 22 + 1;

describe('a file that is written whole', () => {
  it('has the text or the bytes that it was given', async () => {
    await writeWhole(inFolder('text.json'), 'ü\n');
    await writeWhole(inFolder('bytes.xlsx'), new Uint8Array([0, 255, 7]));
    await writeWhole(inFolder('empty.csv'), '');
    expect(readFileSync(inFolder('text.json'), 'utf8')).toBe('ü\n');
    expect([...readFileSync(inFolder('bytes.xlsx'))]).toEqual([0, 255, 7]);
    expect(readFileSync(inFolder('empty.csv'), 'utf8')).toBe('');
  });

  it('replaces a link, and does not touch what the link leads to', async () => {
    writeFileSync(inFolder('target'), 'theirs');
    symlinkSync(inFolder('target'), inFolder('linked.csv'));
    await writeWhole(inFolder('linked.csv'), 'ours');
    expect(readFileSync(inFolder('target'), 'utf8')).toBe('theirs');
    expect(readFileSync(inFolder('linked.csv'), 'utf8')).toBe('ours');
  });

  it('never replaces a device, or a link to a device', async () => {
    symlinkSync('/dev/null', inFolder('to-a-device'));
    await expect(writeWhole(inFolder('to-a-device'), 'ours')).rejects.toThrow(
      'to-a-device is a device, not a file',
    );
    expect(lstatSync(inFolder('to-a-device')).isSymbolicLink()).toBe(true);
  });

  it('stays as it was, without a temporary file beside it, when the writer fails', async () => {
    const out = inFolder('failing');
    mkdirSync(out);
    await writeWhole(join(out, 'a.csv'), 'old');
    const failing = async () => {
      throw new Error('no more');
    };
    await expect(writeWhole(join(out, 'a.csv'), failing)).rejects.toThrow('no more');
    expect(readdirSync(out)).toEqual(['a.csv']);
    expect(readFileSync(join(out, 'a.csv'), 'utf8')).toBe('old');
  });
});

describe('a folder for output', () => {
  it('loses the temporary files of ended processes, and nothing else', async () => {
    const out = inFolder('drafts');
    mkdirSync(out);
    const names = [
      ...[`a.csv.ipc-sweep-${DEAD}.partial`, `a.svg.ipc-sweep-${process.pid}.partial`],
      ...[`a.csv.ipc-sweep-${process.ppid}.partial`, 'a.csv', `mine.csv.${DEAD}.partial`],
    ];
    for (const name of names) writeFileSync(join(out, name), '');
    await writeFolder(out, 'the files', async () => {});
    expect(readdirSync(out).sort()).toEqual(names.slice(2).sort());
  });

  it('is created, is refused if it is a link, and is named when it cannot be written', async () => {
    await writeFolder(inFolder('new/deep'), 'the files', () =>
      writeWhole(inFolder('new/deep/a.csv'), 'a'),
    );
    symlinkSync(inFolder('new'), inFolder('link'));
    await expect(writeFolder(inFolder('link'), 'the files', async () => {})).rejects.toThrow(
      'is a symbolic link, which is not followed',
    );
    await expect(writeFolder(inFolder('target'), 'the charts', async () => {})).rejects.toThrow(
      `cannot write the charts in ${inFolder('target')}`,
    );
    const bug = async () => {
      throw new TypeError('a bug');
    };
    await expect(writeFolder(inFolder('new'), 'the files', bug)).rejects.toThrow(TypeError);
  });
});
