import yargs, { type Argv } from 'yargs';
import type { ExitCodeValue } from '../errors.ts';
import { ownVersion } from '../execute/environment.ts';
import { compare, compareOptions } from './commands/compare.ts';
import { doctor } from './commands/doctor.ts';
import { doctorDatabase } from './commands/doctor-database.ts';
import { doctorTune } from './commands/doctor-tune.ts';
import { exportOptions, exportSweep } from './commands/export.ts';
import { importNotebook, importOptions } from './commands/import-notebook.ts';
import { init } from './commands/init.ts';
import { plan, planOptions } from './commands/plan.ts';
import { plot, plotOptions } from './commands/plot.ts';
import { replay, replayOptions } from './commands/replay.ts';
import { report, reportOptions } from './commands/report.ts';
import { run, runOptions } from './commands/run.ts';
import { schema } from './commands/schema.ts';
import { status, statusOptions } from './commands/status.ts';
import { validate } from './commands/validate.ts';
import { misuse } from './misuse.ts';
import { withJson } from './options.ts';
import { Ownership } from './ownership.ts';
import { cacheDirectory } from './prepare.ts';
import type { Terminal } from './terminal.ts';

const EPILOGUE = `Exit codes: 0 all runs good; 1 some did not succeed, are missing or unexpected; 2 bad usage or spec;
3 this machine cannot do it; 130 interrupted.`;

/** The command line. @returns a parser whose commands leave their exit code by `done` */
export function commandLine(terminal: Terminal, done: (code: ExitCodeValue) => void): Argv {
  const finish = async (code: ExitCodeValue | Promise<ExitCodeValue>) => {
    try {
      done(await code);
    } finally {
      const owner = new Ownership(process.env, process.geteuid?.());
      owner.handBackPrograms(cacheDirectory(process.env));
    }
  };
  const parser = yargs();
  return parser
    .scriptName('ipc-sweep')
    .usage('$0 COMMAND\n\nExperiment sweeps over ipc-benchmark, every run traced in the kernel.')
    .command(
      'run <spec>',
      'Run an experiment, or continue it where it stopped',
      runOptions,
      (args) => finish(run({ ...args, db: args.db }, terminal)),
    )
    .command(
      'plan <spec>',
      'Show matrix, order, commands and time of an experiment',
      planOptions,
      (args) => finish(plan(args, terminal)),
    )
    .command(
      'validate <specs..>',
      'Check specs without running anything',
      (y) =>
        y
          // Otherwise the last of several specs would be the only one.
          .parserConfiguration({ 'duplicate-arguments-array': true })
          .positional('specs', { type: 'string', array: true, demandOption: true })
          .option('allow-large', { type: 'boolean', default: false }),
      (args) => finish(validate(args, terminal)),
    )
    .command(
      'status [sweep]',
      'List the sweeps of a database, or show one',
      statusOptions,
      (args) => finish(status({ ...args, sweep: args.sweep, db: args.db }, terminal)),
    )
    .command(
      'compare <a> <b>',
      'Say cell by cell what differs between two sweeps, databases or channels',
      compareOptions,
      (args) =>
        finish(
          compare(
            { ...args, db: args.db, out: args.out, failIfSlower: args.failIfSlower },
            terminal,
          ),
        ),
    )
    .command(
      'export [sweep]',
      'Write the tables of a sweep as CSV, a workbook or Parquet',
      exportOptions,
      (args) =>
        finish(exportSweep({ ...args, sweep: args.sweep, db: args.db, out: args.out }, terminal)),
    )
    .command('plot [sweep]', 'Draw the charts of a sweep', plotOptions, (args) =>
      finish(plot({ ...args, sweep: args.sweep, db: args.db, out: args.out }, terminal)),
    )
    .command(
      'report [sweep]',
      'Write the report of a sweep: one HTML file with charts and tables',
      reportOptions,
      (args) =>
        finish(report({ ...args, sweep: args.sweep, db: args.db, out: args.out }, terminal)),
    )
    .command(
      'replay [sweep]',
      'Read the kept tracer output of a sweep again',
      replayOptions,
      (args) => finish(replay({ ...args, sweep: args.sweep, db: args.db }, terminal)),
    )
    .command(
      'import-notebook <files..>',
      "Store what runs of the labs' notebook printed as a sweep",
      importOptions,
      (args) => finish(importNotebook({ ...args, name: args.name, db: args.db }, terminal)),
    )
    .command(
      'doctor',
      'Say what this machine can trace, and what to type; or check a database',
      (y) =>
        withJson(y)
          .option('db', {
            type: 'string',
            requiresArg: true,
            describe: 'Check this database instead, and save what can be read of a damaged one',
          })
          .option('sudo', {
            type: 'boolean',
            default: false,
            describe: 'Start tracers as trace.sudo: true does',
          })
          .option('tune', {
            type: 'boolean',
            describe: 'Show instead what `run --tune` would set, and what else steadies figures',
          })
          .conflicts('db', 'tune'),
      ({ db, json, sudo, tune }) => {
        if (tune) return finish(doctorTune({ json }, terminal));
        if (db !== undefined) return finish(doctorDatabase({ db, json }, terminal));
        return finish(doctor({ json, sudo }, terminal));
      },
    )
    .command(
      'init [file]',
      'Write a commented spec',
      (y) => y.positional('file', { type: 'string', default: 'experiment.yaml' }),
      (args) => finish(init(args, terminal)),
    )
    .command(
      'schema',
      'Print the JSON Schema of a spec',
      (y) =>
        y.option('write', { type: 'string', requiresArg: true, describe: 'Write it to a file' }),
      (args) => finish(schema({ write: args.write }, terminal)),
    )
    .completion('completion', 'Print a completion script for bash or zsh')
    .demandCommand(1, 'name a command')
    .strict()
    .recommendCommands()
    .parserConfiguration({ 'duplicate-arguments-array': false, 'parse-positional-numbers': false })
    .version(ownVersion())
    .alias('h', 'help')
    .epilogue(EPILOGUE)
    .wrap(Math.min(100, terminal.width))
    .exitProcess(false)
    .fail((message, error) => {
      // yargs throws what it finds while parsing, and hands over the message of the rest.
      if (error && error.name !== 'YError') throw error;
      throw misuse(error?.message ?? message, parser);
    });
}
