import { type Aggregation, readScript } from '../d-script.ts';
import { readRows } from '../dtrace-text.ts';
import { type Aggregate, EventList, keepUnread, type ScriptOutput } from '../script-output.ts';

/** The line with which the output of a D script begins that rode in the session. */
export const RODE_LINE = 'ipc-sweep: rode\n';
export const BLOCK_START = 'script';
export const BLOCK_END = 'endscript';
/** Stands between the keys and the value of a row that the session prints. */
const SEPARATOR = '\x1f';

/**
 * Returns the format in which the session prints an aggregation: its keys and its value, with a
 * separator between them. Undefined if the type of a key isn't obvious: printa() then prints its
 * default layout, which takes any type.
 */
export function flushFormat({ conversions = [] }: Aggregation): string | undefined {
  if (conversions.includes(undefined)) return undefined;
  return `${[...conversions, '%@d'].join(SEPARATOR)}\n`;
}

/** Tells whether a block is text that the script printed, and not an aggregation. */
export function isTextBlock(block: string): boolean {
  return block.startsWith(`${BLOCK_START} `) && !block.startsWith(`${BLOCK_START} @`);
}

/**
 * Reads the output of a D script that rode in the session. It consists of blocks, each from a line
 * `script FUNCTION:NAME`, with what a clause printed there, or `script @AGGREGATION`, with its rows,
 * to a line `endscript`.
 */
export function readRiddenDtrace(script: string, output: string): ScriptOutput {
  const known = new Map(readScript(script).aggregations.map((it) => [it.name, it]));
  const events = new EventList();
  const unread: string[] = [];
  const aggregates: Aggregate[] = [];
  const printings = new Map<string, number>();
  const lines = output.split('\n');
  for (let at = 1; at < lines.length; at++) {
    const start = /^script (@?)(.*)$/.exec(lines[at] ?? '');
    if (!start) {
      keepUnread(unread, lines[at] ?? '');
      continue;
    }
    const [, isAggregation, called = ''] = start;
    const end = lines.indexOf(BLOCK_END, at);
    const content = lines.slice(at + 1, end === -1 ? undefined : end);
    at = end === -1 ? lines.length : end;
    if (isAggregation === '') {
      events.add({ probe: called, cpu: null, text: content.join('\n').trim() });
      continue;
    }
    const name = called === '' ? '_' : called;
    const printing = (printings.get(name) ?? 0) + 1;
    printings.set(name, printing);
    const read = rowsOf(known.get(name), content);
    for (const row of read.aggregates) aggregates.push({ ...row, printing });
    for (const line of [...read.unread, ...read.events.map(({ text }) => text)]) {
      keepUnread(unread, line);
    }
    if (end === -1) keepUnread(unread, `cut off: ${lines.at(-1)}`);
  }
  const { kept, leftOut } = events;
  return { aggregates, events: kept, eventsLeftOut: leftOut, doubts: [], unread };
}

function rowsOf(aggregation: Aggregation | undefined, content: readonly string[]): ScriptOutput {
  const known = aggregation ?? { name: '', function: '', keys: [], parameters: [] };
  const format = aggregation && flushFormat(aggregation);
  const printings = [{ format, names: [known.name], atEnd: true }];
  return readRows({ aggregations: [known], printings, runsOn: false }, content.join('\n'));
}
