import type { Doubt } from '../../doubt.ts';
import type { ScriptOutput } from './script-output.ts';

/** One of the user's scripts that is named in the spec, as it was when the sweep was started. */
export interface UserScript {
  /** The absolute path. */
  readonly path: string;
  /** The name for its rows: its file name, plus folders if another script has the same name. */
  readonly name: string;
  /** The text that is run, whatever happens to the file. */
  readonly text: string;
  readonly tracer: 'dtrace' | 'bpftrace';
  /** True if dtrace can print JSON (FreeBSD, from `--libxo` on). */
  readonly json: boolean;
  /** The options that the tracer's version needs. */
  readonly flags: readonly string[];
}

/** The result of a script for one run. */
export interface ScriptResult {
  /** The script's name. */
  readonly script: string;
  readonly output: ScriptOutput;
  /** Its output, cut at limits. */
  readonly raw: string;
  readonly doubts: readonly Doubt[];
}
