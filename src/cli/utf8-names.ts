import { UserError } from '../errors.ts';

/** The character that replaces a byte that is not valid UTF-8. */
const REPLACED = '\ufffd';

/** Environment variables that name folders to which files are written. */
const FOLDERS = ['XDG_CACHE_HOME', 'XDG_RUNTIME_DIR', 'HOME', 'TMPDIR'] as const;

/**
 * Checks that all names are valid UTF-8. Node converts names to Unicode, and would write a
 * different name than it has read if a byte is not UTF-8: a second folder would be made beside the
 * intended one.
 * @throws UserError naming the first such word, folder or variable
 */
export function requireUtf8Names(
  words: readonly string[],
  environment: NodeJS.ProcessEnv,
  workingFolder: () => string,
): void {
  const refuse = (what: string, hint: string) => {
    throw new UserError(
      `${what} is not valid UTF-8, and files would be written under another name`,
      {
        hint,
      },
    );
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
