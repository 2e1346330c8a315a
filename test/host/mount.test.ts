import { describe, expect, it } from 'vitest';
import type { Host } from '../../src/host/host.ts';
import { mountOf, mountsIn, noExecution } from '../../src/host/mount.ts';

const LINUX = `/dev/vda / ext4 rw,relatime 0 0
tmpfs /tmp tmpfs rw,nosuid,noexec 0 0
tmpfs /tmp/open tmpfs rw 0 0
/dev/sdb /mnt/my\\040disk ext4 rw,noexec 0 0
`;
const FREEBSD = `/dev/ada0p2 on / (ufs, local, soft-updates)
tmpfs on /tmp (tmpfs, local, noexec, nosuid)
devfs on /dev (devfs)
`;

/** A host with these mounts. */
function on(table: string): Host {
  return {
    realPath: async (path) => path,
    readFile: async () => Buffer.from(table),
  } as Partial<Host> as Host;
}

describe('the mount that a file is on', () => {
  it('is the nearest one above the file', () => {
    expect(mountOf('/tmp/x/y', LINUX)?.folder).toBe('/tmp');
    expect(mountOf('/tmp/open/x', LINUX)?.folder).toBe('/tmp/open');
    expect(mountOf('/tmpfile-that-is-not-there', LINUX)?.folder).toBe('/');
    expect(mountOf('/tmp/x', '')).toBeUndefined();
  });

  it('is named where it forbids programs, on Linux and elsewhere', async () => {
    for (const table of [LINUX, FREEBSD]) {
      expect(await noExecution(on(table), '/tmp/cache/program')).toBe(
        '/tmp is mounted noexec: nothing in it can be run',
      );
      expect(await noExecution(on(table), '/home/x')).toBeUndefined();
    }
    expect(await noExecution(on(LINUX), '/mnt/my disk/program')).toContain(
      '/mnt/my disk is mounted noexec',
    );
  });

  it('is read from any kind of lines without an exception', () => {
    expect(mountsIn('\n\x00\nnone\na on b\n')).toEqual([]);
  });
});
