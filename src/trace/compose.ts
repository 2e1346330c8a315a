import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { UserError } from '../errors.ts';

/** A tracing program, ready to run. */
export interface TraceProgram {
  /** The text for people and the database: the launcher is `{{launcher}}`, not this process. */
  readonly source: string;
  /** This is the same for all sweeps that ask the same questions in the same way. */
  readonly sha256: string;
  readonly fragments: readonly string[];
}

/** The only values that ever enter a program's text: whole numbers and names of this shape. */
export type Parameters = Readonly<Record<string, number | string | readonly string[]>>;

/** A part of a program: a file below the folder of the sources, or a text that is in none. */
export type ProgramText = string | { readonly name: string; readonly text: string };

const NAME = /^[A-Za-z0-9._+-]{1,64}$/;

/**
 * Joins fragment files, each a real program part with its own header, in the order given.
 * @param fragments paths below the folder of the sources, or texts that are in no file
 */
export function composeProgram(
  fragments: readonly ProgramText[],
  parameters: Parameters,
): TraceProgram {
  const source = fill(fragments.map(textOfFragment).join('\n'), parameters);
  return {
    source,
    sha256: createHash('sha256').update(source).digest('hex'),
    fragments: fragments.map((part) => (typeof part === 'string' ? part : part.name)),
  };
}

function textOfFragment(fragment: ProgramText): string {
  if (typeof fragment !== 'string') return fragment.text;
  return readFileSync(new URL(`../${fragment}`, import.meta.url), 'utf8');
}

/**
 * Fills `{{name}}` with a number, or with a name as a quoted string. For a list of names, `variable
 * == {{name}}` becomes a comparison with each of them. Parameters that are not given stay as they
 * are, to be filled in later.
 * @throws UserError when a name could break out of its quotes
 */
export function fill(text: string, parameters: Parameters): string {
  return text.replace(
    /(\w+ == )?\{\{(\w+)\}\}/g,
    (placeholder, comparison: string | undefined, name: string) => {
      const value = parameters[name];
      if (value === undefined) return placeholder;
      const texts = [...new Set([value].flat())].map((one) => textOf(name, one));
      const before = comparison ?? '';
      if (texts.length === 1) return before + texts[0];
      if (before === '') throw new RangeError(`${name} has several values and is not compared`);
      return `(${texts.map((one) => before + one).join(' || ')})`;
    },
  );
}

function textOf(parameter: string, value: string | number): string {
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new RangeError(`${parameter} is not whole: ${value}`);
    return String(value);
  }
  if (!NAME.test(value)) {
    throw new UserError(
      `the benchmark's file name ${JSON.stringify(value)} cannot stand in a tracing program`,
      { hint: 'rename it, or link to it, with letters, digits, dot, dash and underscore only' },
    );
  }
  return `"${value}"`;
}
