import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { UserError } from '../errors.ts';
import { MATRIX_AXES } from '../experiment/axes.ts';
import { HOOKS, type HookName } from '../experiment/hooks.ts';
import { type Experiment, loadExperiment, parseExperiment } from '../experiment/read-experiment.ts';
import { parseSetting, type SpecChange } from '../experiment/spec-changes.ts';
import { COMMAND_LINE } from '../experiment/standard-input.ts';
import { axisOption, SPEC_OR_OPTIONS_MISSING } from './spec-options.ts';
import type { Terminal } from './terminal.ts';
import { givenHosts } from './ways-to-hosts.ts';
import { splitCommand } from './words/split-command.ts';

/** The arguments that change a spec. */
export interface SpecChangeArguments
  extends Readonly<Partial<Record<HookName, string | undefined>>> {
  readonly set?: readonly string[] | undefined;
  readonly trials?: string | undefined;
  readonly quick?: boolean | undefined;
  readonly only?: string | undefined;
}

/** The arguments that name an experiment: a file, or options in its place. */
export interface ExperimentArguments extends SpecChangeArguments {
  readonly spec: string | undefined;
  readonly allowLarge: boolean;
  readonly host: readonly string[] | undefined;
  readonly tracer?: string | undefined;
  readonly printSpec: boolean;
}

/** How many trials a quick sweep has at most. */
const QUICK_TRIALS = 3;

/**
 * Lists the changes that options make to a spec.
 * @throws UserError for a value that cannot be read
 */
export function specChanges(args: SpecChangeArguments): readonly SpecChange[] {
  const { set = [], trials, quick = false, only } = args;
  const changes = set.map(parseSetting);
  if (trials !== undefined) changes.push(yamlChange('--trials', trials, ['trials'], trials));
  if (quick) {
    const value = { kind: 'at-most', most: QUICK_TRIALS } as const;
    changes.push({ option: '--quick', written: '', path: ['trials'], value });
  }
  if (only !== undefined) {
    const value = { kind: 'given', value: only } as const;
    changes.push({ option: '--only', written: only, path: ['matrix', 'only'], value });
  }
  for (const hook of HOOKS) {
    const written = args[hook];
    if (written === undefined) continue;
    const option = `--${hook}`;
    const value = { kind: 'given', value: splitCommand(option, written) } as const;
    changes.push({ option, written, path: [hook], value });
  }
  return changes;
}

/**
 * Reads the experiment that a command line asks for. If options replace the spec, the resulting
 * spec is printed; it leaves out the benchmark's own sleeps, so that the answer comes soon.
 * @throws UserError when there is neither a spec nor an option in its place, or both
 */
export function askedExperiment(args: ExperimentArguments, terminal: Terminal): Experiment {
  const { spec, allowLarge } = args;
  const inPlace = optionsInPlace(args);
  const [first] = inPlace;
  const options = { allowLarge, ...givenHosts(args.host) };
  if (spec !== undefined) {
    if (first) throw both(spec, first);
    return loadExperiment(spec, { ...options, changes: specChanges(args) });
  }
  if (!inPlace.some(({ path }) => path[0] === 'matrix')) throw SPEC_OR_OPTIONS_MISSING;
  const changes = [...inPlace, ...specChanges(args)];
  const beginning = `name: ${nameFor(inPlace)}\nbenchmark:\n  bare: true\n`;
  const experiment = parseExperiment(COMMAND_LINE, beginning, { ...options, changes });
  if (args.printSpec) return experiment;
  terminal.talk('the options stand for this spec (--print-spec > FILE saves it):');
  for (const line of linesOf(experiment)) terminal.talk(`  ${line}`);
  return experiment;
}

/** Prints the spec that is asked for, so that it can be saved. */
export function printSpec(experiment: Experiment, terminal: Terminal): void {
  for (const line of linesOf(experiment)) terminal.out(line);
}

function linesOf({ text }: Experiment): readonly string[] {
  return text.trimEnd().split('\n');
}

/** The options that only a command line without a spec may have. */
function optionsInPlace(args: ExperimentArguments): readonly SpecChange[] {
  const given = args as unknown as Readonly<Record<string, string | undefined>>;
  const axes = MATRIX_AXES.flatMap((axis) => {
    const name = axisOption(axis);
    const written = given[name];
    return written === undefined ? [] : [axisChange(`--${name}`, written, ['matrix', axis])];
  });
  const { tracer } = args;
  return tracer === undefined
    ? axes
    : [...axes, yamlChange('--tracer', tracer, ['trace', 'tracer'], tracer)];
}

/** Several values become a list; a range or a list in YAML is taken as it is. */
function axisChange(option: string, written: string, path: readonly string[]): SpecChange {
  const several = written.includes(',') && !/^\s*[[{]/.test(written);
  return several
    ? yamlChange(option, written, path, `[${written}]`, -1)
    : yamlChange(option, written, path, written);
}

function yamlChange(
  option: string,
  written: string,
  path: readonly string[],
  text: string,
  at = 0,
): SpecChange {
  return { option, written, path, value: { kind: 'yaml', text, at } };
}

function both(spec: string, { option, written, path }: SpecChange): UserError {
  if (spec !== '-' && !existsSync(spec)) {
    return new UserError(
      `${spec} after ${option} ${written} would be a spec, and there is no such file`,
      {
        hint: `${option} needs no spec; a value with blanks is written in quotes: ${option} '${written} ${spec}'`,
      },
    );
  }
  return new UserError(`${option} is for a command line without a spec, but ${spec} was given`, {
    hint: `to change the spec: --set ${path.join('.')}=${/[, ]/.test(written) ? `'[${written}]'` : written}; to choose among its cells: --only CONDITION`,
  });
}

const LONGEST_NAME = 64;

/**
 * Returns a name for the sweep that options ask for: the same for the same values, so that the same
 * command line continues the sweep.
 */
function nameFor(options: readonly SpecChange[]): string {
  const axes = options.filter(({ path }) => path[0] === 'matrix');
  const text = axes.map(({ option, written }) => `${option.slice(2)}-${written}`).join('_');
  const name = text.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/-+$/, '');
  if (name.length <= LONGEST_NAME) return name;
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 8);
  return `${name.slice(0, LONGEST_NAME - hash.length - 1)}-${hash}`;
}
