import { ExitCode, type ExitCodeValue, UserError } from '../../../errors.ts';
import { readStandardInput } from '../../../experiment/read-at-most.ts';
import { STANDARD_INPUT } from '../../../experiment/standard-input.ts';
import { noteSweep } from '../../../store/sweep-changes.ts';
import { changeSweep } from '../../changed-sweep.ts';
import { fromStoredSweep } from '../../stored-sweep.ts';
import type { Terminal } from '../../terminal.ts';

export interface NoteArguments {
  readonly sweep: string;
  readonly text: string;
  readonly results: string;
  readonly db: string | undefined;
}

/** The limit of a description in a spec, too. */
const MOST_CHARACTERS = 4000;
/** The most bytes that UTF-8 takes for a unit of a string's length. */
const BYTES_OF_CHARACTER = 3;

/** Stores a text with a sweep. */
export async function note(args: NoteArguments, terminal: Terminal): Promise<ExitCodeValue> {
  const text = args.text === STANDARD_INPUT.written ? textOfInput() : args.text;
  if (text.length > MOST_CHARACTERS) {
    throw new UserError(`a note has at most ${MOST_CHARACTERS} characters, this one has more`, {
      hint: 'keep it in a file, and note where the file is',
    });
  }
  const found = await fromStoredSweep(args, async ({ sweep }) => sweep);
  changeSweep(args, found, (db, sweep) => noteSweep(db, sweep, text));
  const name = `${found.name}-${found.id}`;
  terminal.out(
    text === '' ? `sweep ${name} has no note now` : `stored the note with sweep ${name}`,
  );
  if (found.note !== '' && found.note !== text) terminal.talk(`the note before was: ${found.note}`);
  return ExitCode.ok;
}

/** Standard input without the line end that a shell adds. @throws UserError when it is not UTF-8 */
function textOfInput(): string {
  const bytes = readStandardInput(BYTES_OF_CHARACTER * (MOST_CHARACTERS + 1));
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).replace(/\r?\n$/, '');
  } catch {
    throw new UserError('the note on standard input is not valid UTF-8, or is too long', {
      hint: `a note has at most ${MOST_CHARACTERS} characters`,
    });
  }
}
