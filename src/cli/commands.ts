import type { Command } from './command.ts';
import { compareCommand } from './commands/compare-command.ts';
import { doctorCommand } from './commands/doctor-command.ts';
import { exportCommand } from './commands/export-command.ts';
import { importNotebookCommand } from './commands/import-notebook-command.ts';
import { initCommand } from './commands/init-command.ts';
import { planCommand } from './commands/plan-command.ts';
import { plotCommand } from './commands/plot-command.ts';
import { replayCommand } from './commands/replay-command.ts';
import { reportCommand } from './commands/report-command.ts';
import { runCommand } from './commands/run-command.ts';
import { schemaCommand } from './commands/schema-command.ts';
import { statusCommand } from './commands/status-command.ts';
import { topCommand } from './commands/top-command.ts';
import { validateCommand } from './commands/validate-command.ts';

/** Every command, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  runCommand,
  planCommand,
  validateCommand,
  statusCommand,
  topCommand,
  compareCommand,
  exportCommand,
  plotCommand,
  reportCommand,
  replayCommand,
  importNotebookCommand,
  doctorCommand,
  initCommand,
  schemaCommand,
];

/** This command is built into yargs. */
export const COMPLETION = {
  command: 'completion',
  describe: 'Print a completion script for bash or zsh',
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
