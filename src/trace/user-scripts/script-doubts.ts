import type { Doubt } from '../../doubt.ts';
import { readBpftraceStderr } from '../bpftrace/bpftrace-stderr.ts';
import { readDtraceStderr } from '../dtrace/dtrace-stderr.ts';
import { KEPT_LIMITS } from './kept-output.ts';
import { SCRIPT_EVENT_LIMIT, type ScriptOutput } from './script-output.ts';
import type { UserScript } from './user-script.ts';

/** Describes how a script's tracer ended. */
export interface ScriptEnd {
  /** How it ended, or stopped answering, before it was told to; undefined if it did not. */
  readonly early: string | undefined;
  /** How its end differed from one after printing everything; undefined if it did not. */
  readonly badly: string | undefined;
}

/** Returns the doubts about a script's rows. */
export function scriptDoubts(
  { name, tracer }: UserScript,
  end: ScriptEnd,
  output: ScriptOutput,
  stderr: string,
  kept: { readonly overflowed: boolean; readonly eventsLeftOut: number },
): readonly Doubt[] {
  const doubts: Doubt[] = [];
  const add = (code: string, message: string, suspect: boolean) =>
    doubts.push({ code: `script-${code}`, message: `${name}: ${message}`, suspect });
  if (end.early !== undefined) {
    add('ended-early', `${end.early}; what it counted is not of the whole run`, true);
  } else if (end.badly !== undefined) {
    add('ended-badly', `${end.badly}; what it had to print may be missing`, true);
  }
  for (const line of stderr.split('\n')) {
    const doubt = tracer === 'dtrace' ? readDtraceStderr(line) : readBpftraceStderr(line);
    if (doubt) add(doubt.code, doubt.message, doubt.suspect);
  }
  for (const { code, message, suspect } of output.doubts) add(code, message, suspect);
  if (kept.overflowed) {
    add(
      'cut',
      `it printed more than ${KEPT_LIMITS.all} characters; what came later is missing`,
      true,
    );
  }
  const leftOut = output.eventsLeftOut + kept.eventsLeftOut;
  if (leftOut > 0) {
    const message = `${leftOut} lines beyond the first ${SCRIPT_EVENT_LIMIT} are not kept`;
    add('events-cut', message, false);
  }
  const [unread] = output.unread;
  if (unread !== undefined) {
    const lines = `${output.unread.length} lines could not be read`;
    add('unread', `${lines}, such as ${unread.slice(0, 100)}`, false);
  }
  return doubts;
}
