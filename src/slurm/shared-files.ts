import { mountOf } from '../host/mount.ts';

/** File systems that only one machine has, as Linux calls them. */
const OF_ONE_MACHINE =
  /^(bcachefs|btrfs|devtmpfs|ext[234]|f2fs|jfs|overlay|ramfs|reiserfs|squashfs|tmpfs|vfat|xfs|zfs)$/;

/**
 * Pure function: finds the paths that other machines will not see just because this one does.
 * @param paths each with every link resolved
 * @param mounts the text of `/proc/self/mounts`
 * @returns each such path with the type of its file system
 */
export function notShared(
  paths: readonly string[],
  mounts: string,
): readonly { readonly path: string; readonly type: string }[] {
  return paths.flatMap((path) => {
    const type = mountOf(path, mounts)?.type ?? '';
    return OF_ONE_MACHINE.test(type) ? [{ path, type }] : [];
  });
}
