import type { ProgramText } from '../../compose.ts';
import { readScript } from '../d-script.ts';
import type { RidingFragments } from './bpftrace-fragments.ts';
import { flushFormat } from './dtrace-blocks.ts';
import type { Piece, RidingScript } from './piece.ts';
import { AT_END } from './ride-dtrace.ts';

/**
 * Returns the parts of the session's program that are the user's scripts.
 * @param end the probe on which the session prints
 */
export function dtraceFragments(
  riding: readonly RidingScript[],
  end: keyof typeof AT_END,
): RidingFragments {
  if (riding.length === 0) return { before: [], after: [] };
  const parts = (of: (script: RidingScript) => readonly Piece[]) =>
    riding.flatMap((script) => {
      const text = of(script).map((piece) => piece.text);
      return text.length === 0 ? [] : [{ name: script.script.name, text: text.join('\n') }];
    });
  const folder = `trace/programs/${end === 'asked' ? 'dtrace-linux' : 'dtrace-ticks'}`;
  const results = riding.flatMap((script, number) => resultsOf(script, number, AT_END[end]));
  return {
    before: [
      'trace/programs/dtrace-ticks/scripts-begin.d',
      ...parts(({ begin }) => begin),
      'trace/programs/dtrace-ticks/scripts-window.d',
    ],
    after: [
      ...parts(({ probes }) => probes),
      `${folder}/scripts-end.d`,
      ...parts(({ end }) => end),
      ...results,
      ...(riding.some(({ countsTexts }) => countsTexts) ? textsAt(AT_END[end]) : []),
      `${folder}/scripts-answer.d`,
    ],
  };
}

/** Prints and empties the aggregations of a script. */
function resultsOf(
  { script, prefix, aggregations }: RidingScript,
  number: number,
  probe: string,
): readonly ProgramText[] {
  if (aggregations.length === 0) return [];
  const known = new Map(readScript(script.text).aggregations.map((it) => [it.name, it]));
  const printed = aggregations.flatMap((name) => {
    const aggregation = known.get(name === '' ? '_' : name);
    const format = aggregation && flushFormat(aggregation);
    const how = format === undefined ? '' : `${quoted(format)}, `;
    return [
      `\tprintf("\\nscript ${number} @${name}\\n");`,
      `\tprinta(${how}@${prefix}${name});`,
      '\tprintf("\\nendscript\\n");',
    ];
  });
  const emptied = aggregations.map((name) => `\ttrunc(@${prefix}${name});`);
  const text = [clause(probe, '/scripts_closing/', [...printed, ...emptied])];
  return [{ name: script.name, text: [...text, clause('dtrace:::END', '', emptied)].join('\n') }];
}

function textsAt(probe: string): readonly ProgramText[] {
  const empty = '\ttrunc(@scripts_texts);';
  const lines = ['\tprinta("scripts_texts %@d\\n", @scripts_texts);', empty];
  const text = [clause(probe, '/scripts_closing/', lines), clause('dtrace:::END', '', [empty])];
  return [{ name: 'texts', text: text.join('\n') }];
}

function clause(probe: string, predicate: string, lines: readonly string[]): string {
  return [probe, ...(predicate === '' ? [] : [predicate]), '{', ...lines, '}\n'].join('\n');
}

function quoted(format: string): string {
  return `"${format.replaceAll('\x1f', '\\037').replaceAll('\n', '\\n')}"`;
}
