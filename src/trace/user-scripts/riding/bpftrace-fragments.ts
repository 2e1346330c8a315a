import type { ProgramText } from '../../compose.ts';
import type { Piece, RidingScript } from './piece.ts';
import { AT_END } from './ride-bpftrace.ts';

const AT_EXIT = 'tracepoint:sched:sched_process_exit';

type Text = Exclude<ProgramText, string>;

/** The parts that riding scripts add to the session's program. */
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
  const results = [
    ...parts(({ end }) => end),
    ...riding.flatMap(resultsOf),
    ...(riding.some(({ countsTexts }) => countsTexts) ? [TEXTS] : []),
  ];
  return {
    before: [
      ...(endWithExit(riding) ? ['trace/programs/bpftrace/scripts-exit.bt'] : []),
      'trace/programs/bpftrace/scripts-begin.bt',
      ...parts(({ begin }) => begin),
      'trace/programs/bpftrace/scripts-window.bt',
    ],
    after: [
      ...parts(({ probes }) => probes),
      ...(endWithExit(riding)
        ? [...results.map(onExit), 'trace/programs/bpftrace/scripts-exit-answer.bt']
        : []),
      'trace/programs/bpftrace/scripts-end.bt',
      ...results,
      'trace/programs/bpftrace/scripts-answer.bt',
    ],
  };
}

/** Whether the scripts' results come by themselves when the last process of a run exits. */
export function endWithExit(riding: readonly RidingScript[]): boolean {
  return riding.every(({ endsWithExit }) => endsWithExit);
}

/**
 * The same at another probe. bpftrace does not keep to the order of the text where one block is for
 * two probes, so there are two blocks.
 */
function onExit({ name, text }: Text): Text {
  return { name, text: text.replaceAll(`${AT_END} /@closing[tid]`, `${AT_EXIT} /@closing[tid]`) };
}

/** Prints and clears all maps of a script: bpftrace would do it when it ends. */
function resultsOf({ script, prefix, aggregations }: RidingScript): readonly Text[] {
  if (aggregations.length === 0) return [];
  const lines = ['print', 'clear'].flatMap((call) =>
    aggregations.map((name) => `\t${call}(@${prefix}${name});`),
  );
  return [{ name: script.name, text: atEnd(lines) }];
}

function atEnd(lines: readonly string[]): string {
  return [`${AT_END} /@closing[tid]/`, '{', ...lines, '}\n'].join('\n');
}

/** How many texts each script has printed, so that none is missed. */
const TEXTS: Text = {
  name: 'texts',
  text: atEnd(['\tprint(@texts);', '\tclear(@texts);']),
};
