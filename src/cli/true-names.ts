import { UserError } from '../errors.ts';

/** What stands where a byte was that is no UTF-8. */
const REPLACED = '\ufffd';

/** Variables of the environment that name folders which are written to. */
const FOLDERS = ['XDG_CACHE_HOME', 'XDG_RUNTIME_DIR', 'HOME', 'TMPDIR'] as const;

/**
 * Node turns every name into Unicode, and writes another name than it has read where a byte is no
 * UTF-8: a second folder would be made beside the one that was meant.
 * @throws UserError naming the first such word, folder or variable
 */
export function requireTrueNames(
  words: readonly string[],
  environment: NodeJS.ProcessEnv,
  workingFolder: () => string,
): void {
  const refuse = (what: string, hint: string) => {
    throw new UserError(`${what} is not valid UTF-8, and would be written under another name`, {
      hint,
    });
  };
  const word = words.find((it) => it.includes(REPLACED));
  if (word !== undefined) {
    refuse(
      JSON.stringify(word),
      'rename the file or folder: `ls -b` shows its bytes, `convmv -f latin1 -t utf8` renames many',
    );
  }
  const name = FOLDERS.find((it) => environment[it]?.includes(REPLACED));
  if (name !== undefined)
    refuse(`the folder in ${name}`, `set ${name} to a folder with another name`);
  if (workingFolder().includes(REPLACED)) {
    refuse('the name of the working folder', 'rename it, or work in another folder');
  }
}
