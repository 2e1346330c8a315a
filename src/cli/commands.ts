import type { Command } from './command.ts';
import { checkCommand } from './commands/check/declare.ts';
import { compareCommand } from './commands/compare/declare.ts';
import { deleteCommand } from './commands/delete/declare.ts';
import { doctorCommand } from './commands/doctor/declare.ts';
import { exportCommand } from './commands/export/declare.ts';
import { historyCommand } from './commands/history/declare.ts';
import { importNotebookCommand } from './commands/import-notebook/declare.ts';
import { initCommand } from './commands/init/declare.ts';
import { mergeCommand } from './commands/merge/declare.ts';
import { noteCommand } from './commands/note/declare.ts';
import { planCommand } from './commands/plan/declare.ts';
import { plotCommand } from './commands/plot/declare.ts';
import { renameCommand } from './commands/rename/declare.ts';
import { replayCommand } from './commands/replay/declare.ts';
import { reportCommand } from './commands/report/declare.ts';
import { runCommand } from './commands/run/declare.ts';
import { schemaCommand } from './commands/schema/declare.ts';
import { slurmCommand } from './commands/slurm/declare.ts';
import { statusCommand } from './commands/status/declare.ts';
import { topCommand } from './commands/top/declare.ts';
import { validateCommand } from './commands/validate/declare.ts';

/** Every command, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  runCommand,
  planCommand,
  validateCommand,
  statusCommand,
  topCommand,
  slurmCommand,
  compareCommand,
  historyCommand,
  checkCommand,
  exportCommand,
  plotCommand,
  reportCommand,
  noteCommand,
  renameCommand,
  deleteCommand,
  replayCommand,
  importNotebookCommand,
  mergeCommand,
  doctorCommand,
  initCommand,
  schemaCommand,
];

/** This command is built into yargs. */
export const COMPLETION = {
  command: 'completion',
  describe: 'Print a completion script for bash, zsh or fish: that of the shell that SHELL names',
};

/** These options are also built into yargs, for every command. */
export const COMMON_OPTIONS: readonly (readonly [words: string, meaning: string])[] = [
  ['-h, --help', 'Show the options of the command.'],
  ['--version', 'Show the version of ipc-sweep.'],
];

export const SUMMARY = 'Experiment sweeps over ipc-benchmark, every run traced in the kernel.';

export const EXIT_CODES: readonly (readonly [code: number, meaning: string])[] = [
  [0, 'all runs good'],
  [1, 'some did not succeed, are missing or unexpected'],
  [2, 'bad usage or spec'],
  [3, 'this machine cannot do it'],
  [130, 'interrupted'],
];
