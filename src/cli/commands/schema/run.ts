import { closeSync, constants, openSync, writeFileSync } from 'node:fs';
import { ExitCode, type ExitCodeValue, UserError } from '../../../errors.ts';
import { publishedJsonSchema } from '../../../experiment/schema.ts';
import { nearest } from '../../../experiment/suggest.ts';
import { documentJsonSchema } from '../../../report/json/schemas.ts';
import { jsonText, printJson } from '../../print-json.ts';
import type { Terminal } from '../../terminal.ts';
import { SCHEMA_NAMES } from './declare.ts';

/** Open flags that refuse a link, and a fifo that nobody reads. */
const ORDINARY = ['O_WRONLY', 'O_CREAT', 'O_TRUNC', 'O_NOFOLLOW', 'O_NONBLOCK'] as const;
const FLAGS = ORDINARY.reduce((flags, name) => flags | constants[name], 0);

const SCHEMAS = {
  experiment: publishedJsonSchema,
  status: () => documentJsonSchema('status'),
  run: () => documentJsonSchema('run'),
  report: () => documentJsonSchema('report'),
} as const satisfies Record<(typeof SCHEMA_NAMES)[number], () => unknown>;

/** Prints the JSON Schema of a spec or of a document, or writes it to a file. */
export function schema(
  args: { readonly document: string; readonly write: string | undefined },
  terminal: Terminal,
): ExitCodeValue {
  const made = schemaNamed(args.document);
  if (args.write === undefined) {
    printJson(made, terminal);
    return ExitCode.ok;
  }
  try {
    const file = openSync(args.write, FLAGS);
    writeFileSync(file, `${jsonText(made)}\n`);
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

function schemaNamed(name: string): unknown {
  const found = SCHEMA_NAMES.find((known) => known === name);
  if (found) return SCHEMAS[found]();
  const meant = nearest(name, SCHEMA_NAMES);
  throw new UserError(
    `there is no schema ${JSON.stringify(name)}, only ${SCHEMA_NAMES.join(', ')}`,
    {
      ...(meant !== undefined && { hint: `did you mean ${meant}?` }),
    },
  );
}
