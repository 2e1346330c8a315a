import { ExitCode, type ExitCodeValue, UserError } from '../../../errors.ts';
import { publishedJsonSchema } from '../../../experiment/schema.ts';
import { nearest } from '../../../experiment/suggest.ts';
import { requireReplaceable } from '../../../export/safe-file.ts';
import { documentJsonSchema } from '../../../report/json/schemas.ts';
import { writeOneFile } from '../../one-file.ts';
import { Ownership } from '../../ownership.ts';
import { jsonText, printJson } from '../../print-json.ts';
import type { Terminal } from '../../terminal.ts';
import { SCHEMA_NAMES } from './documents.ts';

/** Prints the JSON Schema of a spec or of a document, or writes it to a file. */
export async function schema(
  args: { readonly document: string; readonly write: string | undefined },
  terminal: Terminal,
): Promise<ExitCodeValue> {
  const made = schemaNamed(args.document);
  if (args.write === undefined) {
    printJson(made, terminal);
    return ExitCode.ok;
  }
  requireReplaceable([args.write]);
  const owner = new Ownership(process.env, process.geteuid?.());
  try {
    await writeOneFile(args.write, `${jsonText(made)}\n`, owner);
  } finally {
    owner.handBack();
  }
  return ExitCode.ok;
}

function schemaNamed(name: string): unknown {
  const found = SCHEMA_NAMES.find((known) => known === name);
  if (found) return found === 'experiment' ? publishedJsonSchema() : documentJsonSchema(found);
  const meant = nearest(name, SCHEMA_NAMES);
  throw new UserError(
    `there is no schema ${JSON.stringify(name)}, only ${SCHEMA_NAMES.join(', ')}`,
    {
      ...(meant !== undefined && { hint: `did you mean ${meant}?` }),
    },
  );
}
