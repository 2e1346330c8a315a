import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { ExitCode, type ExitCodeValue, UserError } from '../../errors.ts';
import type { Terminal } from '../terminal.ts';

/** Writes a commented spec; never over a file that is there. */
export function init(args: { readonly file: string }, terminal: Terminal): ExitCodeValue {
  const template = readFileSync(new URL('./init-template.yaml', import.meta.url), 'utf8');
  try {
    mkdirSync(dirname(args.file), { recursive: true });
    // Fails on whatever is there, a link that leads nowhere included.
    writeFileSync(args.file, template, { flag: 'wx' });
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && syscall === 'open') {
      throw new UserError(`${args.file} is there already`, {
        hint: 'name another file: ipc-sweep init FILE',
      });
    }
    throw new UserError(`cannot write ${args.file}: ${(error as Error).message}`);
  }
  terminal.out(`wrote ${args.file}; see it expanded: ipc-sweep plan ${args.file}`);
  return ExitCode.ok;
}
