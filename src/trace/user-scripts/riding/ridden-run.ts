import type { Doubt } from '../../../doubt.ts';
import { KeptOutput } from '../kept-output.ts';
import { readOutputOf } from '../read-output.ts';
import { scriptDoubts } from '../script-doubts.ts';
import type { ScriptResult } from '../user-script.ts';
import type { RidingScript } from './piece.ts';

/** The meaning of a line of the session's output for the riding scripts. */
export type Ridden =
  /** A line of a script's, as it would print it if it had a tracer of its own. */
  | {
      readonly kind: 'output';
      readonly script: number;
      readonly text: string;
      /** True for a text that is counted in the kernel. */
      readonly isText?: boolean;
    }
  /** The number of texts that the scripts have printed in this run. */
  | { readonly kind: 'texts'; readonly count: number }
  /** The snapshot that is being printed is newer than the end of the run. */
  | { readonly kind: 'ended' }
  /** The results of all scripts have been printed. */
  | {
      readonly kind: 'answered';
      /** True if they may be older than the end of the run. */
      readonly stale?: boolean;
    }
  /** Everything that came before the second question has been printed. */
  | { readonly kind: 'settled' };

/** Reads one line; undefined if it is none of the scripts'. */
export type RiddenLines = (line: string) => Ridden | undefined;

/** Gathers the output of the scripts that ride in a session about one run. */
export class RiddenRun {
  answered = false;
  settled = false;
  #texts = 0;
  #stale = false;
  #expected = 0;
  readonly #riding: readonly RidingScript[];
  readonly #read: RiddenLines;
  readonly #kept: readonly KeptOutput[];
  readonly #cut = new Set<number>();
  readonly #lineLimit: number;

  /** @param header the line with which each script's output begins */
  constructor(
    riding: readonly RidingScript[],
    read: RiddenLines,
    header: string,
    lineLimit: number,
  ) {
    this.#riding = riding;
    this.#read = read;
    this.#lineLimit = lineLimit;
    this.#kept = riding.map(({ script }) => {
      const kept = new KeptOutput(script.tracer === 'bpftrace' ? 'json-lines' : 'blocks');
      kept.push(header);
      return kept;
    });
  }

  /** @returns whether the line was one of the scripts' */
  take(line: string): boolean {
    const ridden = this.#read(line);
    if (ridden?.kind === 'answered') {
      this.answered = true;
      this.#stale = ridden.stale ?? false;
    }
    if (ridden?.kind === 'settled') this.settled = true;
    if (ridden?.kind === 'texts') this.#expected = ridden.count;
    if (ridden?.kind === 'output') {
      if (ridden.isText) this.#texts++;
      this.#kept[ridden.script]?.push(`${ridden.text}\n`);
      if (line.length >= this.#lineLimit) this.#cut.add(ridden.script);
    }
    return ridden !== undefined;
  }

  /** Whether texts are missing that have been printed: they may come, or have been lost. */
  get lacksTexts(): boolean {
    return this.#texts < this.#expected;
  }

  /** The doubts about all scripts alike. */
  doubts(): readonly Doubt[] {
    if (!this.#stale) return [];
    const message =
      'the results of your scripts were printed before the end of the run had reached them';
    return [{ code: 'script-early-results', message, suspect: true }];
  }

  results(): readonly ScriptResult[] {
    return this.#riding.map(({ script }, at) => {
      const kept = this.#kept[at]!;
      const raw = kept.text();
      const output = readOutputOf(script, raw);
      const state = {
        overflowed: kept.overflowed || this.#cut.has(at),
        eventsLeftOut: kept.eventsLeftOut,
      };
      const end = { early: undefined, badly: undefined };
      return {
        ...{ script: script.name, output, raw },
        doubts: scriptDoubts(script, end, output, '', state),
      };
    });
  }
}
