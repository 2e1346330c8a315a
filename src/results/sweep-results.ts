import { type QuotedRun, quotedByCell } from '../analyse/bandwidths.ts';
import { type SweepDoubt, sumUpDoubts } from '../analyse/doubts.ts';
import type { Judgement } from '../analyse/expectations.ts';
import type { CellSummary } from '../analyse/summary.ts';
import { cellBandwidths, cellPipeStates, type Selection } from '../store/cell-data.ts';
import { doubtRows } from '../store/doubt-rows.ts';
import { environmentsOf, sharedFacts } from '../store/environment-rows.ts';
import { missingOf, type StoredMissing } from '../store/missing.ts';
import type { Db } from '../store/open.ts';
import { type Provenance, provenanceOf } from '../store/provenance.ts';
import { type CellRow, cellsOf, type SweepRow, stateBits } from '../store/reader.ts';
import { stateNames } from '../trace/pipe-state-bits.ts';
import { cellSummaries } from './cell-summaries.ts';
import { judgements } from './judgements.ts';
import { sweepAdvice } from './sweep-advice.ts';

/**
 * Everything that a sweep has found, for the terminal, the tables, the figures, the report and JSON
 * alike. Each part is made when it is first asked for, and then kept.
 */
export interface SweepResults {
  readonly db: Db;
  readonly sweep: SweepRow;
  readonly selection: Selection;
  readonly provenance: Provenance;
  readonly cells: readonly CellRow[];
  readonly summaries: readonly CellSummary[];
  /** The quoted runs of each cell, by the cell's number. */
  readonly quotedRuns: ReadonlyMap<number, readonly QuotedRun[]>;
  /** The facts that are the same for all hosts. */
  readonly facts: ReadonlyMap<string, string>;
  readonly judged: readonly Judgement[];
  /** Doubts, those about the values of cells included; the most harmful first. */
  readonly doubts: readonly SweepDoubt[];
  /** How to measure better, or in less time; one sentence each, without a full stop. */
  readonly advice: readonly string[];
  /** The parts of the spec that the sweep does not have. */
  readonly missing: readonly StoredMissing[];
  /** How many calls of each cell found its pipe in which state. */
  readonly pipeStates: ReturnType<typeof cellPipeStates>;
  readonly stateBits: ReturnType<typeof stateBits>;
  /** Returns the names of a state's bits. */
  readonly stateNames: (state: number) => string;
}

export function sweepResults(db: Db, sweep: SweepRow, selection: Selection): SweepResults {
  const { id } = sweep;
  const provenance = once(() => provenanceOf(db, id));
  const cells = once(() => cellsOf(db, id));
  const summaries = once(() => cellSummaries(db, sweep, selection));
  const quotedRuns = once(() => quotedByCell(cellBandwidths(db, id, selection), sweep));
  const facts = once(() => sharedFacts(db, environmentsOf(db, id)));
  const judged = once(() => judgements(db, sweep, selection, summaries()));
  const doubts = once(() => sumUpDoubts(doubtRows(db, id), summaries()));
  const advice = once(() => sweepAdvice(db, sweep, summaries()));
  const missing = once(() => missingOf(db, id));
  const pipeStates = once(() => cellPipeStates(db, id, selection));
  const bits = once(() => stateBits(db, id));
  // The same state occurs in many rows.
  const names = new Map<number, string>();
  return {
    ...{ db, sweep, selection },
    get provenance() {
      return provenance();
    },
    get cells() {
      return cells();
    },
    get summaries() {
      return summaries();
    },
    get quotedRuns() {
      return quotedRuns();
    },
    get facts() {
      return facts();
    },
    get judged() {
      return judged();
    },
    get doubts() {
      return doubts();
    },
    get advice() {
      return advice();
    },
    get missing() {
      return missing();
    },
    get pipeStates() {
      return pipeStates();
    },
    get stateBits() {
      return bits();
    },
    stateNames(state) {
      const name = names.get(state) ?? stateNames(state, bits());
      names.set(state, name);
      return name;
    },
  };
}

/** Makes a value at the first call, and returns the same at every later one. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
