import { ExitCode, type ExitCodeValue, UserError } from '../../errors.ts';
import { loadExperiment } from '../../experiment/load.ts';
import { specName } from '../../experiment/standard-input.ts';
import { counted } from '../counted.ts';
import type { Terminal } from '../terminal.ts';

/** Checks specs without running anything; says what is wrong with all of them. */
export function validate(
  args: { readonly specs: readonly string[]; readonly allowLarge: boolean },
  terminal: Terminal,
): ExitCodeValue {
  const wrong: string[] = [];
  for (const spec of args.specs) {
    try {
      const { cells, leftOut } = loadExperiment(spec, { allowLarge: args.allowLarge });
      terminal.out(
        `${specName(spec)}: ok, ${counted(cells.length, 'cell')}, ${leftOut.length} left out`,
      );
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      wrong.push(error.message);
    }
  }
  if (wrong.length > 0) {
    throw new UserError(wrong.join('\n\n'), { hint: 'docs/spec.md explains every key' });
  }
  return ExitCode.ok;
}
