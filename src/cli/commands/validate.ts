import { ExitCode, type ExitCodeValue, UserError } from '../../errors.ts';
import { type Experiment, loadExperiment } from '../../experiment/load.ts';
import { notesOn } from '../../sweep/notes.ts';
import { tracingFor } from '../../sweep/tracing.ts';
import { counted } from '../counted.ts';
import type { Terminal } from '../terminal.ts';

/** Checks specs without running anything; says what is wrong with all of them. */
export async function validate(
  args: { readonly specs: readonly string[]; readonly allowLarge: boolean },
  terminal: Terminal,
): Promise<ExitCodeValue> {
  const wrong: string[] = [];
  for (const spec of args.specs) {
    try {
      const experiment = loadExperiment(spec, { allowLarge: args.allowLarge });
      const { cells, leftOut } = experiment;
      terminal.out(`${spec}: ok, ${counted(cells.length, 'cell')}, ${leftOut.length} left out`);
      for (const line of await aboutThisMachine(experiment)) terminal.talk(`${spec}: ${line}`);
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

/** A sound spec may still ask for what is not to be had here; elsewhere it may be. */
async function aboutThisMachine(experiment: Experiment): Promise<readonly string[]> {
  const tracing = await tracingFor(experiment, { scripts: false });
  return [
    ...notesOn(experiment, tracing),
    ...tracing.faults.map(
      ({ message, hint }) => `run would refuse it here: ${message}${hint ? ` (${hint})` : ''}`,
    ),
  ];
}
