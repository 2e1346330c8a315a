import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ExitCode, type ExitCodeValue, UserError } from '../../../errors.ts';
import { makeFolder } from '../../../host/make-folder.ts';
import { asTypedHere } from '../../own-command.ts';
import type { Terminal } from '../../terminal.ts';

/** Writes a commented spec; never overwrites an existing file. */
export function init(args: { readonly file: string }, terminal: Terminal): ExitCodeValue {
  const template = readFileSync(new URL('./template.yaml', import.meta.url), 'utf8');
  const text = editorLine(args.file) + template;
  try {
    makeFolder(dirname(args.file));
    writeNew(args.file, text);
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && syscall === 'open') {
      throw new UserError(`${args.file} is there already`, {
        hint: 'name another file: ipc-sweep init FILE',
      });
    }
    throw new UserError(`cannot write ${args.file}: ${(error as Error).message}`, {
      hint: 'name another file: ipc-sweep init FILE',
      exitCode: ExitCode.machine,
    });
  }
  const plan = asTypedHere('ipc-sweep plan');
  terminal.out(`wrote ${args.file}; see it expanded: ${plan} ${args.file}`);
  return ExitCode.ok;
}

/** Fails if anything is there, even a link to nowhere, and leaves no half of a spec behind. */
function writeNew(path: string, text: string): void {
  const file = openSync(path, 'wx');
  try {
    writeFileSync(file, text);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
}

const PACKAGE = fileURLToPath(new URL('../../../..', import.meta.url));
const SCHEMA = resolve(PACKAGE, 'schema/experiment.schema.json');

/**
 * Returns a line that tells editors where this installation's schema is, so that they complete
 * keys.
 */
function editorLine(file: string): string {
  if (!existsSync(SCHEMA)) return '';
  const folder = dirname(resolve(file));
  const inside = `${folder}/`.startsWith(PACKAGE);
  return `# yaml-language-server: $schema=${inside ? relative(folder, SCHEMA) : SCHEMA}\n`;
}
