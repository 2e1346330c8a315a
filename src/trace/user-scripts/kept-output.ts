import { isEventLine, TROUBLE_LINES, troubleIn } from './bpftrace-json.ts';
import { firingAt, headerAt } from './event-lines.ts';
import { BLOCK_END, isTextBlock } from './riding/dtrace-blocks.ts';
import { SCRIPT_EVENT_LIMIT } from './script-output.ts';

/**
 * The form of a script's output: one object per line, one document, lines for people, or the blocks
 * of a D script that rides in the session.
 */
export type OutputForm = 'json-lines' | 'json' | 'text' | 'blocks';

export interface KeptLimits {
  /** Characters of events; beyond this, only as many events are kept as are stored. */
  readonly events: number;
  /** The total number of characters, at which the output is cut. */
  readonly all: number;
}

/** The second limit is far more than aggregations take: a map of 65,536 keys prints some 3 MiB. */
export const KEPT_LIMITS: KeptLimits = { events: 4 * 1024 * 1024, all: 64 * 1024 * 1024 };

/**
 * Selects what to keep of a script's output while it comes. The texts that a script prints for
 * every call are cut short, by whole events; aggregations, which come at the end, are not. In the
 * lines of a quiet dtrace the two cannot be told apart, so all of them are kept.
 */
export class KeptOutput {
  readonly #limits: KeptLimits;
  readonly #cut: Cutter;
  readonly #kept: string[] = [];
  #length = 0;
  #eventLength = 0;
  #events = 0;
  eventsLeftOut = 0;
  /** True if the output was too long even with fewer events: what came later is missing. */
  overflowed = false;

  constructor(form: OutputForm, limits: KeptLimits = KEPT_LIMITS) {
    this.#limits = limits;
    const keep: Keep = (piece, kind) => this.#keep(piece, kind);
    this.#cut =
      form === 'json'
        ? new ElementCutter(keep)
        : form === 'blocks'
          ? new BlockCutter(keep)
          : new LineCutter(keep, kindsOf(form));
  }

  push(chunk: string): void {
    if (this.overflowed) return;
    this.#cut.push(chunk);
    if (this.#cut.pending > this.#limits.all) this.overflowed = true;
  }

  /** Returns everything that was kept, plus what came after the last complete piece. */
  text(): string {
    this.#cut.end();
    return this.#kept.join('');
  }

  #keep(piece: string, kind: Kind): void {
    if (kind === 'superfluous') return;
    if (kind === 'event') {
      const length = this.#eventLength + piece.length;
      if (length > this.#limits.events && this.#events > SCRIPT_EVENT_LIMIT) {
        this.eventsLeftOut++;
        return;
      }
      this.#eventLength = length;
      this.#events++;
    }
    if (this.overflowed || this.#length + piece.length > this.#limits.all) {
      this.overflowed = true;
      return;
    }
    this.#length += piece.length;
    this.#kept.push(piece);
  }
}

/** A text, something that need not be kept, or anything else. */
type Kind = 'event' | 'superfluous' | 'other';
type Keep = (piece: string, kind: Kind) => void;

/** Cuts a stream, which comes in pieces of any size, into complete pieces. */
interface Cutter {
  /** The number of characters of the piece that is not complete yet. */
  readonly pending: number;
  push(chunk: string): void;
  end(): void;
}

class LineCutter implements Cutter {
  readonly #keep: Keep;
  readonly #kindOf: (line: string) => Kind;
  #parts: string[] = [];
  pending = 0;

  constructor(keep: Keep, kindOf: (line: string) => Kind) {
    this.#keep = keep;
    this.#kindOf = kindOf;
  }

  push(chunk: string): void {
    let at = 0;
    for (let end = chunk.indexOf('\n'); end !== -1; end = chunk.indexOf('\n', at)) {
      this.#add(chunk.slice(at, end + 1));
      at = end + 1;
      this.end();
    }
    if (at < chunk.length) this.#add(chunk.slice(at));
  }

  end(): void {
    if (this.pending === 0) return;
    const line = this.#parts.join('');
    this.#parts = [];
    this.pending = 0;
    this.#keep(line, this.#kindOf(line));
  }

  #add(part: string): void {
    this.#parts.push(part);
    this.pending += part.length;
  }
}

/** Cuts into the blocks of riding/dtrace-blocks.ts. */
class BlockCutter implements Cutter {
  readonly #keep: Keep;
  readonly #lines: LineCutter;
  #block: string[] = [];
  #length = 0;

  constructor(keep: Keep) {
    this.#keep = keep;
    this.#lines = new LineCutter(
      (line) => this.#take(line),
      () => 'other',
    );
  }

  get pending(): number {
    return this.#length + this.#lines.pending;
  }

  push(chunk: string): void {
    this.#lines.push(chunk);
  }

  end(): void {
    this.#lines.end();
    this.#hand();
  }

  #take(line: string): void {
    this.#block.push(line);
    this.#length += line.length;
    if (line === `${BLOCK_END}\n`) this.#hand();
  }

  #hand(): void {
    if (this.#length === 0) return;
    const block = this.#block.join('');
    this.#block = [];
    this.#length = 0;
    this.#keep(block, isTextBlock(block) ? 'event' : 'other');
  }
}

function kindsOf(form: OutputForm): (line: string) => Kind {
  if (form === 'json-lines') {
    const seen = new Map<string, number>();
    return (line) => {
      if (isEventLine(line)) return 'event';
      const trouble = troubleIn(line);
      if (trouble === undefined) return 'other';
      const times = (seen.get(trouble) ?? 0) + 1;
      if (times > TROUBLE_LINES) return 'superfluous';
      if (times > 1 || seen.size < MOST_TROUBLES) seen.set(trouble, times);
      return 'other';
    };
  }
  let flow = false;
  return (line) => {
    const header = headerAt(line, 0);
    if (header) flow = header.flow;
    return firingAt(line, 0, flow) ? 'event' : 'other';
  };
}

const MOST_TROUBLES = 1000;

/** The depth of the firings in FreeBSD's document: `{ "dtrace": { "probes": [ {`. */
const FIRING_DEPTH = 4;

/** Cuts a document into its firings and the text between them. */
class ElementCutter implements Cutter {
  readonly #keep: Keep;
  #parts: string[] = [];
  #depth = 0;
  #inString = false;
  #escaped = false;
  pending = 0;

  constructor(keep: Keep) {
    this.#keep = keep;
  }

  push(chunk: string): void {
    let from = 0;
    for (let at = 0; at < chunk.length; at++) {
      const before = this.#depth;
      this.#step(chunk[at] as string);
      if (before === this.#depth) continue;
      if (before === FIRING_DEPTH - 1 && this.#depth === FIRING_DEPTH) {
        this.#add(chunk.slice(from, at));
        this.#hand(false);
        from = at;
      } else if (before === FIRING_DEPTH && this.#depth === FIRING_DEPTH - 1) {
        this.#add(chunk.slice(from, at + 1));
        this.#hand(true);
        from = at + 1;
      }
    }
    this.#add(chunk.slice(from));
  }

  end(): void {
    this.#hand(false);
  }

  #step(character: string): void {
    if (this.#inString) {
      if (this.#escaped) this.#escaped = false;
      else if (character === '\\') this.#escaped = true;
      else if (character === '"') this.#inString = false;
    } else if (character === '"') this.#inString = true;
    else if (character === '{' || character === '[') this.#depth++;
    else if (character === '}' || character === ']') this.#depth--;
  }

  #add(part: string): void {
    if (part === '') return;
    this.#parts.push(part);
    this.pending += part.length;
  }

  #hand(isFiring: boolean): void {
    if (this.pending === 0) return;
    const piece = this.#parts.join('');
    this.#parts = [];
    this.pending = 0;
    const isEvent = isFiring && !piece.includes('"aggregation-data"') && !piece.includes('"DROP"');
    this.#keep(piece, isEvent ? 'event' : 'other');
  }
}
