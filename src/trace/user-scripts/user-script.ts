import type { Doubt } from '../../doubt.ts';
import type { ScriptOutput } from './script-output.ts';

/** A script of the user's that is named in the spec, as it was when the sweep was started. */
export interface UserScript {
  /** Absolute path. */
  readonly path: string;
  /** What its rows are called: its file name, with folders where another script has the same. */
  readonly name: string;
  /** What is run, whatever becomes of the file. */
  readonly text: string;
  readonly tracer: 'dtrace' | 'bpftrace';
  /** dtrace can print JSON (FreeBSD, from `--libxo` on). */
  readonly json: boolean;
  /** Options that the tracer's version needs. */
  readonly flags: readonly string[];
}

/** What a script had to say about one run. */
export interface ScriptResult {
  /** The script's name. */
  readonly script: string;
  readonly output: ScriptOutput;
  /** What it printed, cut at limits. */
  readonly raw: string;
  readonly doubts: readonly Doubt[];
}
