import { type ExitCodeValue, UserError } from '../../../errors.ts';
import { nearest } from '../../../experiment/suggest.ts';
import { Slurm } from '../../../slurm/commands.ts';
import type { Terminal } from '../../terminal.ts';
import { ACTIONS } from './actions.ts';
import { cancel } from './cancel.ts';
import { status } from './status.ts';
import { type SubmitArguments, submit } from './submit.ts';

export interface SlurmArguments extends SubmitArguments {
  readonly action: string;
  readonly json: boolean;
}

export async function slurm(args: SlurmArguments, terminal: Terminal): Promise<ExitCodeValue> {
  const action = ACTIONS.find((each) => each === args.action);
  if (action === undefined) {
    const near = nearest(args.action, ACTIONS);
    throw new UserError(
      `slurm: expected submit, status or cancel, got ${JSON.stringify(args.action)}`,
      near === undefined ? {} : { hint: `did you mean ${near}?` },
    );
  }
  requireOwnOptions(args, action);
  const commands = new Slurm(process.env);
  if (action === 'submit') return submit(args, commands, terminal);
  return action === 'status' ? status(args, commands, terminal) : cancel(args, commands, terminal);
}

/** @throws UserError for an option that has no meaning for the action */
function requireOwnOptions(args: SlurmArguments, action: (typeof ACTIONS)[number]): void {
  const { shards, nodes, partition, time, account, sbatch, tune, allowScripts, print } = args;
  const ofSubmit = {
    ...{ shards, nodes, partition, time, account, sbatch, tune, print },
    'allow-scripts': allowScripts,
  };
  const given = Object.entries(ofSubmit).find(
    ([, value]) => value !== undefined && value !== false,
  );
  if (action !== 'submit' && given !== undefined) {
    throw new UserError(`--${given[0]} is an option of slurm submit, not of slurm ${action}`);
  }
  if (action !== 'status' && args.json) {
    throw new UserError(`--json is an option of slurm status, not of slurm ${action}`);
  }
}
