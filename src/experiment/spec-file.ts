import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../errors.ts';
import { readAtMost, readStandardInput } from './read-at-most.ts';
import { STANDARD_INPUT, specName } from './standard-input.ts';
import { YAML_LIMITS } from './yaml-source.ts';

const SPEC_BYTES = 4 * YAML_LIMITS.characters;

/** @throws UserError when the file cannot be read, is too long, or is not UTF-8 */
export function readSpecFile(path: string): string {
  let bytes: Buffer;
  try {
    bytes =
      path === STANDARD_INPUT.written
        ? readStandardInput(SPEC_BYTES + 1)
        : readAtMost(path, SPEC_BYTES + 1);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EISDIR') {
      throw new UserError(`${specName(path)} is a directory; expected a YAML file`, {
        hint: path === STANDARD_INPUT.written ? 'send the text of a spec' : specsIn(path),
      });
    }
    const reason = code === 'ENOENT' ? 'there is no such file' : (error as Error).message;
    throw new UserError(`cannot read the spec ${specName(path)}: ${reason}`, {
      hint: '`ipc-sweep init FILE` writes a commented spec',
    });
  }
  if (bytes.length > SPEC_BYTES) {
    throw new UserError(`${specName(path)} is too long: a spec has at most ${SPEC_BYTES} bytes`);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UserError(
      `${specName(path)}:${firstBrokenLine(bytes)}: the file is not valid UTF-8`,
      {
        hint: 'save it as UTF-8; `iconv -f latin1 -t utf-8` converts an older file',
      },
    );
  }
}

/** Lists the specs that the user may name instead of a folder. */
function specsIn(folder: string): string {
  const names = readdirSync(folder).filter((name) => /\.ya?ml$/.test(name));
  const [first] = names.sort();
  if (first === undefined) return 'no YAML file is in it; `ipc-sweep init FILE` writes a spec';
  const others = names.length === 1 ? '' : ` (one of ${names.length})`;
  return `name a file in it, such as ${join(folder, first)}${others}`;
}

function firstBrokenLine(bytes: Buffer): number {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let start = 0;
  for (let line = 1; ; line++) {
    const end = bytes.indexOf(0x0a, start);
    try {
      decoder.decode(bytes.subarray(start, end === -1 ? bytes.length : end));
    } catch {
      return line;
    }
    if (end === -1) return line;
    start = end + 1;
  }
}
