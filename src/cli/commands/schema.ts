import { writeFileSync } from 'node:fs';
import { ExitCode, type ExitCodeValue, UserError } from '../../errors.ts';
import { publishedJsonSchema } from '../../spec/schema.ts';
import type { Terminal } from '../terminal.ts';

/** Prints the JSON Schema of a spec, or writes it to a file. */
export function schema(
  args: { readonly write: string | undefined },
  terminal: Terminal,
): ExitCodeValue {
  const text = JSON.stringify(publishedJsonSchema(), null, 2);
  if (args.write === undefined) {
    terminal.out(text);
    return ExitCode.ok;
  }
  try {
    writeFileSync(args.write, `${text}\n`);
  } catch (error) {
    throw new UserError(`cannot write ${args.write}: ${(error as Error).message}`);
  }
  return ExitCode.ok;
}
