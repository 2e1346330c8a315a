import { RODE } from '../bpftrace-json.ts';
import { originOf } from './origins.ts';
import type { RidingScript } from './piece.ts';
import type { RiddenLines } from './ridden-run.ts';

const TEXT = /^\{"type": "printf", "data": "script (\d{1,3}) (\d{1,6}) /;
const MARKER = /^\{"type": "printf", "data": "(scripts|settled)\\n"\}/;
const TEXTS = /^\{"type": "map", "data": \{"@texts": \{([^}]*)\}/;
const MAP = /^(\{"type": "(?:map|hist|stats)", "data": \{"@)s(\d{1,3})_/;
const UNMARKED = /^\{"type": "(?:time|join|cat|value)"/;
const TROUBLE = /^\{"type": "(?:helper_error|runtime_error)".*"line": (\d+)/;

/** The line with which the output of a script begins that rode in the session. */
export function rodeLine(mapKeys: number): string {
  return `{"type": "${RODE}", "map_keys": ${mapKeys}}\n`;
}

/**
 * Returns a reader that picks the scripts' lines out of a session's and gives them back the names
 * that the scripts use. Texts get the name of their probe.
 * @param source the session's program, to whose lines bpftrace's errors refer
 */
export function bpftraceRiddenLines(riding: readonly RidingScript[], source: string): RiddenLines {
  const unmarked = riding.findIndex(({ printsUnmarked }) => printsUnmarked);
  return (line) => {
    const [text, of = '', clause = ''] = TEXT.exec(line) ?? [];
    if (text !== undefined) {
      const probe = JSON.stringify(riding[Number(of)]?.clauses[Number(clause)] ?? '');
      const rest = line.slice(text.length);
      const said = `{"type": "printf", "probe": ${probe}, "data": "${rest}`;
      return { kind: 'output', script: Number(of), text: said, isText: true };
    }
    const marker = MARKER.exec(line)?.[1];
    if (marker !== undefined) return { kind: marker === 'scripts' ? 'answered' : 'settled' };
    const texts = TEXTS.exec(line)?.[1];
    if (texts !== undefined) {
      const counts = [...texts.matchAll(/: (\d+)/g)].map(([, count]) => Number(count));
      return { kind: 'texts', count: counts.reduce((sum, count) => sum + count, 0) };
    }
    const [map, start = '', owner = ''] = MAP.exec(line) ?? [];
    if (map !== undefined) {
      return { kind: 'output', script: Number(owner), text: start + line.slice(map.length) };
    }
    if (unmarked !== -1 && UNMARKED.test(line)) {
      return { kind: 'output', script: unmarked, text: line };
    }
    const at = TROUBLE.exec(line)?.[1];
    const origin = at === undefined ? undefined : originOf(source, Number(at), riding);
    if (!origin) return undefined;
    return { kind: 'output', script: riding.indexOf(origin.script), text: line };
  };
}
