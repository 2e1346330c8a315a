/** Documented exit codes of the command line. */
export const ExitCode = {
  ok: 0,
  /** The sweep ended and some runs did not succeed. */
  runsFailed: 1,
  /** Bad usage or a bad spec. */
  usage: 2,
  /** This machine cannot do it: no tracer, no permission, no compiler, no room. */
  machine: 3,
  interrupted: 130,
} as const;

export type ExitCodeValue = (typeof ExitCode)[keyof typeof ExitCode];

/**
 * Something the user can mend. Shown as one message and a hint, without a stack.
 * Every other exception is a bug in ipc-sweep.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
  readonly hint: string | undefined;
  readonly exitCode: ExitCodeValue;

  constructor(message: string, options: { hint?: string; exitCode?: ExitCodeValue } = {}) {
    super(message);
    this.hint = options.hint;
    this.exitCode = options.exitCode ?? ExitCode.usage;
  }
}
