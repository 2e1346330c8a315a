import { readBpftraceJson } from './bpftrace-json.ts';
import { readDtraceJson } from './dtrace-json.ts';
import { readDtraceText } from './dtrace-text.ts';
import { RODE_LINE, readRiddenDtrace } from './riding/dtrace-blocks.ts';
import { type ScriptOutput, withStorableNumbers } from './script-output.ts';
import type { UserScript } from './user-script.ts';

/** Pure function: reads a script's output as rows, without the lines that ipc-sweep added. */
export function readOutputOf(
  { tracer, json, text }: Pick<UserScript, 'tracer' | 'json' | 'text'>,
  raw: string,
): ScriptOutput {
  return withStorableNumbers(
    tracer === 'bpftrace'
      ? readBpftraceJson(raw, text)
      : raw.startsWith(RODE_LINE)
        ? readRiddenDtrace(text, raw)
        : json
          ? readDtraceJson(raw, text)
          : readDtraceText(text, raw),
  );
}
