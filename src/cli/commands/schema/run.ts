import { closeSync, constants, openSync, writeFileSync } from 'node:fs';
import { ExitCode, type ExitCodeValue, UserError } from '../../../errors.ts';
import { publishedJsonSchema } from '../../../experiment/schema.ts';
import { jsonText, printJson } from '../../print-json.ts';
import type { Terminal } from '../../terminal.ts';

/** Open flags that refuse a link, and a fifo that nobody reads. */
const ORDINARY = ['O_WRONLY', 'O_CREAT', 'O_TRUNC', 'O_NOFOLLOW', 'O_NONBLOCK'] as const;
const FLAGS = ORDINARY.reduce((flags, name) => flags | constants[name], 0);

/** Prints the JSON Schema of a spec, or writes it to a file. */
export function schema(
  args: { readonly write: string | undefined },
  terminal: Terminal,
): ExitCodeValue {
  if (args.write === undefined) {
    printJson(publishedJsonSchema(), terminal);
    return ExitCode.ok;
  }
  try {
    const file = openSync(args.write, FLAGS);
    writeFileSync(file, `${jsonText(publishedJsonSchema())}\n`);
    closeSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ELOOP') {
      throw new UserError(`${args.write} is a symbolic link, which is not followed`, {
        hint: 'remove it, or name another file',
      });
    }
    throw new UserError(`cannot write ${args.write}: ${(error as Error).message}`, {
      hint: 'name another file: ipc-sweep schema --write FILE',
      exitCode: ExitCode.machine,
    });
  }
  return ExitCode.ok;
}
