import { readScript, type Script } from './d-script.ts';
import { firingAt, headerAt } from './event-lines.ts';
import {
  anyLayouts,
  defaultLayouts,
  isPrintedPlainly,
  type Layout,
  ownLayouts,
} from './layouts.ts';
import { Printings } from './printings.ts';
import { aggregatesOf, type Row, rowAt, type Shape, shapesOf } from './rows.ts';
import { EventList, keepUnread, type ScriptOutput } from './script-output.ts';
import { keysOf } from './segments.ts';

/**
 * Reads what `dtrace -s` printed, with or without `-q`. A row belongs to an aggregation if it fits
 * what the script can print, to the column; anything else is text. A last line without its newline
 * was cut off, and counts as unread.
 */
export function readDtraceText(script: string, output: string): ScriptOutput {
  const known = readScript(script);
  const plain = script.trim() === '' ? anyLayouts() : defaultLayouts(known);
  const reader = new Reader(known, plain, output);
  reader.read();
  return reader.result();
}

/** Reads rows of which it is known that this script printed them; see {@link readDtraceText}. */
export function readRows(script: Script, output: string): ScriptOutput {
  const reader = new Reader(script, defaultLayouts(script), output);
  reader.read();
  return reader.result();
}

interface OpenEvent {
  readonly probe: string;
  readonly cpu: number;
  readonly lines: string[];
  /** Its text became rows: it is not an event unless it has other text. */
  hasRows: boolean;
}

/** How many places of a line to try for a row that follows a text without a newline. */
const GLUED_TRIES = 8;

class Reader {
  readonly #text: string;
  readonly #script: Script;
  readonly #own: readonly Shape[];
  readonly #default: readonly Shape[];
  readonly #printsPlainly: boolean;
  readonly #rows: { readonly row: Row; readonly block: number }[] = [];
  readonly #events = new EventList();
  /** Counts the pieces between the rows: firings and texts. */
  #block = 0;
  readonly #unread: string[] = [];
  /** Aggregations printed with a format of the script's: the default layout won't show them. */
  readonly #ownSeen = new Set<string>();
  /** Firings are on lines of their own, so the output isn't a quiet one. */
  #hasFirings = false;
  #flow = false;
  #event: OpenEvent | undefined;
  readonly #cutOff: string;

  constructor(script: Script, plain: readonly Layout[], output: string) {
    const end = output.lastIndexOf('\n') + 1;
    this.#text = output.slice(0, end);
    this.#script = script;
    this.#own = shapesOf(ownLayouts(this.#script));
    this.#default = shapesOf(plain);
    this.#printsPlainly = this.#script.aggregations.some(({ name }) =>
      isPrintedPlainly(this.#script, name),
    );
    this.#cutOff = output.slice(end);
  }

  read(): void {
    let at = 0;
    let startsLine = true;
    while (at < this.#text.length) {
      const header = startsLine ? headerAt(this.#text, at) : undefined;
      if (header) {
        this.#hasFirings = true;
        this.#flow = header.flow;
        at = header.end;
        continue;
      }
      const firing = startsLine ? firingAt(this.#text, at, this.#flow) : undefined;
      if (firing) {
        this.#hasFirings = true;
        this.#closeEvent();
        this.#event = { probe: firing.probe, cpu: firing.cpu, lines: [], hasRows: false };
        this.#block++;
        at = firing.end;
        startsLine = false;
        continue;
      }
      const row = this.#rowAt(at, startsLine);
      if (row !== undefined && row !== 'ambiguous') {
        this.#addRow(row);
        at = row.match.end;
        startsLine = this.#text[at - 1] === '\n';
        continue;
      }
      at = this.#readText(at, row === 'ambiguous');
      startsLine = this.#text[at - 1] === '\n';
    }
    this.#closeEvent();
    keepUnread(this.#unread, this.#cutOff);
  }

  /** Builds the result; only now is it known which aggregations had formats of the script's own. */
  result(): ScriptOutput {
    const printings = new Printings();
    const aggregates = this.#rows.flatMap(({ row, block }) => {
      const left = row.layouts.filter(
        ({ own, values }) =>
          own ||
          !values.every(
            ({ name }) => this.#ownSeen.has(name) && !isPrintedPlainly(this.#script, name),
          ),
      );
      const read = aggregatesOf(left.length === 0 ? row : { match: row.match, layouts: left });
      const names = [...new Set(read.map(({ name }) => name))].join();
      const printing = printings.numberOf(names, keysOf(row.match).join('\x1f'), block);
      return read.map((aggregate) => ({ ...aggregate, printing }));
    });
    const { kept: events, leftOut: eventsLeftOut } = this.#events;
    return { aggregates, events, eventsLeftOut, doubts: [], unread: this.#unread };
  }

  /** A format like `%s %@d` would match a row of the default layout, including its blanks. */
  #rowAt(at: number, startsLine: boolean): Row | 'ambiguous' | undefined {
    const own = rowAt(this.#own, this.#text, at);
    const plain = startsLine ? rowAt(this.#default, this.#text, at) : undefined;
    if (plain === undefined || plain === 'ambiguous') return own ?? plain;
    if (own === undefined || own === 'ambiguous') return plain;
    const same = JSON.stringify(keysOf(own.match)) === JSON.stringify(keysOf(plain.match));
    return same ? { ...plain, layouts: [...plain.layouts, ...own.layouts] } : plain;
  }

  #addRow(row: Row): void {
    this.#rows.push({ row, block: this.#block });
    const own = row.layouts.filter((layout) => layout.own);
    for (const { name } of own.flatMap(({ values }) => values)) this.#ownSeen.add(name);
    if (this.#event) this.#event.hasRows = true;
    // The final output comes after all firings, so text after it belongs to no firing.
    if (own.length === 0 && !this.#printsPlainly) this.#closeEvent();
  }

  /** Takes the rest of the line, or the part of it before a row, as text. */
  #readText(at: number, ambiguous: boolean): number {
    const lineEnd = this.#text.indexOf('\n', at);
    const end = ambiguous ? lineEnd : this.#gluedRow(at, lineEnd);
    const text = this.#text.slice(at, end);
    if (text.trim() !== '') this.#block++;
    if (ambiguous || (this.#hasFirings && !this.#event)) keepUnread(this.#unread, text);
    else if (this.#event) this.#event.lines.push(text);
    else if (text.trim() !== '') this.#events.add({ probe: '', cpu: null, text: text.trim() });
    return end === lineEnd ? lineEnd + 1 : end;
  }

  /** Finds where in this line a row begins after text without a newline of its own. */
  #gluedRow(at: number, lineEnd: number): number {
    if (!this.#script.runsOn) return lineEnd;
    for (const { segments, weight } of this.#own) {
      const [first] = segments;
      if (weight === 0 || first?.kind !== 'literal' || first.text.trim() === '') continue;
      const line = this.#text.slice(at, lineEnd + 1);
      let found = line.indexOf(first.text, 1);
      for (let tries = 0; found > 0 && tries < GLUED_TRIES; tries++) {
        const row = rowAt(this.#own, this.#text, at + found);
        if (row !== undefined && row !== 'ambiguous') return at + found;
        found = line.indexOf(first.text, found + 1);
      }
    }
    return lineEnd;
  }

  #closeEvent(): void {
    if (!this.#event) return;
    const { probe, cpu, lines, hasRows } = this.#event;
    const text = lines.join('\n').trim();
    if (text !== '' || !hasRows) this.#events.add({ probe, cpu, text });
    this.#event = undefined;
  }
}
