import type { UserScript } from '../user-script.ts';

/** A part of a script as it stands in the session's program. */
export interface Piece {
  readonly text: string;
  /** The line of the script where it begins, from 1. A piece has as many lines as it has there. */
  readonly line: number;
}

/** A script that rides in the session: its text is part of the session's own program. */
export interface RidingScript {
  readonly script: UserScript;
  /** Stands before each of its names in the program, such as `s0_`. */
  readonly prefix: string;
  /** Its BEGIN, for the start of each run. */
  readonly begin: readonly Piece[];
  readonly probes: readonly Piece[];
  /** Its END, for the end of each run. */
  readonly end: readonly Piece[];
  /** The names of its aggregations without the `@`, in their order; '' for the nameless one. */
  readonly aggregations: readonly string[];
  /** The probes of its clauses, as it writes them, by the number in the marks of their texts. */
  readonly clauses: readonly string[];
  /** Whether it prints texts, of which there may be many. */
  readonly prints: boolean;
  /** Whether texts of its are counted in the kernel. */
  readonly countsTexts: boolean;
  /** Whether some of what it prints during a run is not counted in the kernel. */
  readonly printsUncounted: boolean;
  /** Whether none of its probes can fire once the last process of a run has exited. */
  readonly endsWithExit: boolean;
  /** Whether it prints in ways that cannot be marked, so that no other such script may ride. */
  readonly printsUnmarked: boolean;
}

/** Why a script cannot ride, and where it says so. */
export interface Refusal {
  /** The line of the script, from 1; undefined if it is not about a line. */
  readonly line: number | undefined;
  readonly reason: string;
}

/** Something that is put in place of a part of a text, or between two parts. */
export interface Edit {
  readonly at: number;
  readonly end: number;
  readonly text: string;
}

/** Thrown while a script is read that cannot ride. */
export class CannotRide extends Error {
  readonly at: number;

  /** @param at where in the script, counted from its start */
  constructor(at: number, reason: string) {
    super(reason);
    this.at = at;
  }
}

/** Returns the line of a place in a text, from 1. */
export function lineOf(text: string, at: number): number {
  let line = 1;
  for (let end = text.indexOf('\n'); end !== -1 && end < at; end = text.indexOf('\n', end + 1)) {
    line++;
  }
  return line;
}

/**
 * Returns a part of a text with the edits that lie in it, without the empty lines before it. Of the
 * edits at one place the first one comes first.
 */
export function pieceOf(
  text: string,
  [from, to]: readonly [number, number],
  edits: readonly Edit[],
): Piece {
  const blank = /^\s*(?:\n|$)/.exec(text.slice(from, to))?.[0].length ?? 0;
  const start = from + blank;
  const parts: string[] = [];
  let at = start;
  const own = edits.filter((edit) => edit.at >= start && edit.end <= to);
  for (const edit of own.sort((a, b) => a.at - b.at || a.end - b.end)) {
    // What lies in a part that another edit replaces is gone.
    if (edit.at < at) continue;
    parts.push(text.slice(at, edit.at), edit.text);
    at = edit.end;
  }
  parts.push(text.slice(at, to));
  return { text: parts.join(''), line: lineOf(text, start) };
}

/** Fits a script into the session's program. @returns why it cannot ride if `fit` says so */
export function fittedOr(
  script: UserScript,
  fit: (script: UserScript) => RidingScript,
): RidingScript | Refusal {
  const { text } = script;
  try {
    // The session fills such places with values of its own.
    const place = /\{\{\w+\}\}/.exec(text);
    if (place) throw new CannotRide(place.index, `${place[0]} has a meaning there`);
    return fit(script);
  } catch (error) {
    if (!(error instanceof CannotRide)) throw error;
    return { line: lineOf(text, error.at), reason: error.message };
  }
}

/** The places of a probe in a script. */
export interface ProbePlaces {
  readonly pointsFrom: number;
  readonly pointsTo: number;
  readonly predicate: { readonly from: number; readonly to: number } | undefined;
}

/** Puts a condition before the predicate, or in its place; and other probes if they are given. */
export function conditionOf(
  { pointsFrom, pointsTo, predicate }: ProbePlaces,
  points: string | undefined,
  condition: string,
): readonly Edit[] {
  const insert = (at: number, text: string): Edit => ({ at, end: at, text });
  return [
    ...(points === undefined ? [] : [{ at: pointsFrom, end: pointsTo, text: points }]),
    ...(predicate
      ? [insert(predicate.from, `${condition} && (`), insert(predicate.to, ')')]
      : [insert(pointsTo, ` /${condition}/`)]),
  ];
}
