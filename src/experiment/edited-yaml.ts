import { isDeepStrictEqual } from 'node:util';
import { parseDocument, stringify } from 'yaml';
import { readYaml } from './yaml-source.ts';

/** A value to put into a spec. */
export interface Edit {
  readonly path: readonly PropertyKey[];
  readonly value: unknown;
}

/**
 * Writes a spec with other values in it. Comments and layout stay, unless the text has something
 * that cannot be edited in place, such as an alias.
 * @param value the whole spec with those values, which the new text must have
 */
export function editedYaml(text: string, edits: readonly Edit[], value: unknown): string {
  return editedInPlace(text, edits, value) ?? stringify(value, { lineWidth: 0 });
}

function editedInPlace(text: string, edits: readonly Edit[], value: unknown): string | undefined {
  const document = parseDocument(text, { schema: 'core', logLevel: 'error' });
  try {
    for (const { path, value: part } of edits) {
      document.setIn(path, document.createNode(part, { flow: true }));
    }
  } catch {
    // The path leads through an alias.
    return undefined;
  }
  const edited = document.toString({ lineWidth: 0, flowCollectionPadding: true });
  const read = readYaml(edited);
  return read.state === 'ok' && isDeepStrictEqual(read.source.value, value) ? edited : undefined;
}
