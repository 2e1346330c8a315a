import type { ProgramText } from '../../compose.ts';
import type { Piece, RidingScript } from './piece.ts';

/** What riding scripts add to the session's program. */
export interface RidingFragments {
  /** Directly after the session's own probes. */
  readonly before: readonly ProgramText[];
  /** After everything else. */
  readonly after: readonly ProgramText[];
}

/** Returns the parts of the session's program that are the user's scripts. */
export function bpftraceFragments(riding: readonly RidingScript[]): RidingFragments {
  if (riding.length === 0) return { before: [], after: [] };
  const parts = (of: (script: RidingScript) => readonly Piece[]) =>
    riding.flatMap((script) => {
      const text = of(script).map((piece) => piece.text);
      return text.length === 0 ? [] : [{ name: script.script.name, text: text.join('\n') }];
    });
  return {
    before: [
      'bpftrace/scripts-begin.bt',
      ...parts(({ begin }) => begin),
      'bpftrace/scripts-window.bt',
    ],
    after: [
      ...parts(({ probes }) => probes),
      'bpftrace/scripts-end.bt',
      ...parts(({ end }) => end),
      ...riding.flatMap(resultsOf),
      'bpftrace/scripts-answer.bt',
    ],
  };
}

/** Prints and clears all maps of a script: bpftrace would do it when it ends. */
function resultsOf({ script, prefix, aggregations }: RidingScript): readonly ProgramText[] {
  if (aggregations.length === 0) return [];
  const lines = ['print', 'clear'].flatMap((call) =>
    aggregations.map((name) => `\t${call}(@${prefix}${name});`),
  );
  const text = [
    'tracepoint:syscalls:sys_enter_getpriority /@closing[tid]/',
    '{',
    ...lines,
    '}\n',
  ].join('\n');
  return [{ name: script.name, text }];
}
