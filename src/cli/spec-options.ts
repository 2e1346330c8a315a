import { UserError } from '../errors.ts';
import { AXIS, MATRIX_AXES, type MatrixAxisName } from '../experiment/axes.ts';
import { HOOKS, type HookName } from '../experiment/hooks.ts';
import type { Option } from './command.ts';

const hookWhen: Readonly<Record<HookName, string>> = {
  setup: 'before the first run on a host',
  prepare: 'before each run',
  conclude: 'after each run',
  cleanup: 'after the last run on a host',
};

/** Options that change a spec. */
export const SPEC_CHANGES = {
  set: {
    type: 'string',
    array: true,
    requiresArg: true,
    value: 'PATH=VALUE',
    describe: 'Change a value of the spec, such as trace.tracer=none; repeatable',
  },
  trials: {
    type: 'string',
    requiresArg: true,
    value: 'NUMBER',
    describe: 'Give every cell this many trials, whatever the spec says',
  },
  quick: {
    type: 'boolean',
    conflicts: 'trials',
    describe:
      'Run every cell three times at most, for a first look; `run` without it makes the rest',
  },
  only: {
    type: 'string',
    requiresArg: true,
    value: 'CONDITION',
    describe: "Make the runs of these cells only, such as 'buffer_size == 4KiB'",
  },
  ...(Object.fromEntries(
    HOOKS.map((hook) => [
      hook,
      {
        type: 'string',
        requiresArg: true,
        value: 'COMMAND',
        describe: `Carry out a command ${hookWhen[hook]}, without a shell`,
      },
    ]),
  ) as Record<HookName, Option & { readonly type: 'string' }>),
} as const satisfies Record<string, Option>;

/** Returns the name of the option that gives values to an axis: `buffer` for `buffer_size`. */
export function axisOption(axis: MatrixAxisName): string {
  return axis.replace(/_size$/, '').replaceAll('_', '-');
}

/** Options of a command line without a spec. */
export const SPEC_WITHOUT_FILE = {
  ...(Object.fromEntries(
    MATRIX_AXES.map((axis) => {
      const own = AXIS[axis];
      const option = {
        type: 'string',
        requiresArg: true,
        value: 'VALUE,...',
        ...(own.kind === 'word' && { complete: own.words }),
        describe: `Without a spec: the values of the axis ${axis}`,
      };
      return [axisOption(axis), option];
    }),
  ) as Record<string, Option & { readonly type: 'string' }>),
  tracer: {
    type: 'string',
    requiresArg: true,
    value: 'TRACER',
    complete: 'tracer',
    describe: 'Without a spec: the tracer; none measures without one',
  },
  'print-spec': {
    type: 'boolean',
    default: false,
    describe: 'Print the resulting spec, and do nothing else',
  },
} as const satisfies Record<string, Option>;

/** The argument of a command that takes these options in place of a spec. */
export const SPEC_OR_OPTIONS = {
  type: 'string',
  standardInput: true,
  describe: 'The experiment, a YAML file; - is standard input; without one, options name the axes',
} as const;

export const SPEC_OR_OPTIONS_MISSING = new UserError("the experiment's file is missing", {
  hint: 'name it after the command (`ipc-sweep init FILE` writes a commented one), or use options in its place, such as --buffer 4KiB,64KiB',
});
