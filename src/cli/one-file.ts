import { basename, dirname } from 'node:path';
import { type Content, writeFolder, writeWhole } from '../export/safe-file.ts';
import type { Ownership } from './ownership.ts';

/**
 * Writes a file, and its folder if there is none. If a user has named it, requireReplaceable says
 * first that something else has that name; what is in a folder of ours is simply replaced.
 * @throws UserError when it cannot be written
 */
export async function writeOneFile(
  path: string,
  content: Content,
  owner: Ownership,
): Promise<void> {
  const folder = dirname(path);
  owner.folder(folder);
  await writeFolder(folder, basename(path), () => writeWhole(path, content));
  owner.file(path);
}
