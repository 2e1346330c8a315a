import { mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readRecord, recordText, type SlurmRecord } from '../../src/slurm/record.ts';
import { notShared } from '../../src/slurm/shared-files.ts';

const RECORD: SlurmRecord = {
  version: 1,
  name: 'demo',
  shards: 4,
  spec_file: "/home/me/it's a spec.yaml",
  submitted_at: '2026-11-30T10:00:00.000Z',
  array_job: '12',
  merge_job: null,
  cluster: null,
};

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'ipc-sweep-record-')));
});
afterEach(() => rmSync(folder, { recursive: true }));
const file = () => join(folder, 'slurm.json');

describe('the record of a submission', () => {
  it('is read as it was written', () => {
    expect(readRecord(folder)).toBeUndefined();
    for (const record of [RECORD, { ...RECORD, merge_job: '13', cluster: 'big' }]) {
      writeFileSync(file(), recordText(record));
      expect(readRecord(folder)).toEqual(record);
    }
  });

  it('is refused when its ids were replaced by options or by other jobs', () => {
    for (const change of [
      { array_job: '--all' },
      { array_job: '' },
      { merge_job: '13 14' },
      { cluster: '-M x' },
      { name: '../x' },
      { shards: 0 },
      { more: 1 },
      { submitted_at: 'yesterday' },
    ]) {
      writeFileSync(file(), JSON.stringify({ ...RECORD, ...change }));
      expect(() => readRecord(folder), JSON.stringify(change)).toThrow(
        'is not what `slurm submit`',
      );
    }
  });

  it('is refused when it is any other text, or a link', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        writeFileSync(file(), text);
        expect(() => readRecord(folder)).toThrow('is not what `slurm submit`');
      }),
    );
    rmSync(file());
    symlinkSync('/etc/passwd', file());
    expect(() => readRecord(folder)).toThrow('a symbolic link, which is not followed');
  });
});

describe('the check whether a path is shared', () => {
  it('lists paths on file systems of a type that belongs to one machine', () => {
    const mounts = `/dev/vda / ext4 rw 0 0
server:/home /home nfs4 rw,relatime 0 0
tmpfs /home/me/tmp tmpfs rw 0 0
`;
    expect(notShared(['/usr/bin/node', '/home/me/spec.yaml', '/home/me/tmp/x'], mounts)).toEqual([
      { path: '/usr/bin/node', type: 'ext4' },
      { path: '/home/me/tmp/x', type: 'tmpfs' },
    ]);
  });
});
