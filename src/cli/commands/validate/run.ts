import { ExitCode, type ExitCodeValue, UserError } from '../../../errors.ts';
import { type Experiment, loadExperiment } from '../../../experiment/read-experiment.ts';
import { specName } from '../../../experiment/standard-input.ts';
import { survey } from '../../../sweep/prepare.ts';
import { type SpecChangeArguments, specChanges } from '../../asked-experiment.ts';
import { countAndNoun } from '../../count-and-noun.ts';
import type { Terminal } from '../../terminal.ts';
import { reachOf } from '../../ways-to-hosts.ts';

/** Checks specs without running anything; reports the problems of all of them. */
export async function validate(
  args: SpecChangeArguments & { readonly specs: readonly string[]; readonly allowLarge: boolean },
  terminal: Terminal,
): Promise<ExitCodeValue> {
  const changes = specChanges(args);
  const wrong: string[] = [];
  for (const spec of args.specs) {
    try {
      const experiment = loadExperiment(spec, { allowLarge: args.allowLarge, changes });
      const { cells, leftOut } = experiment;
      const name = specName(spec);
      terminal.out(
        `${name}: ok, ${countAndNoun(cells.length, 'cell')}, ${leftOut.length} left out`,
      );
      for (const line of await aboutThisMachine(experiment)) terminal.talk(`${name}: ${line}`);
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

/** Lists what a valid spec asks for that is not available here; it may be available elsewhere. */
async function aboutThisMachine(experiment: Experiment): Promise<readonly string[]> {
  const { here, notes, faults } = await survey(
    experiment,
    { scripts: false },
    reachOf(process.env),
  );
  // Specs are also checked where nothing is to run: the benchmark may be on another machine.
  const tracing = here ? here.tracing.faults : faults;
  return [
    ...notes,
    ...tracing.map(
      ({ message, hint }) => `run would refuse it here: ${message}${hint ? ` (${hint})` : ''}`,
    ),
  ];
}
