import { type SweepDoubt, sumUpDoubts } from '../../../analyse/doubts.ts';
import {
  type ExpectationVerdict,
  expectationVerdict,
} from '../../../analyse/expectation-verdict.ts';
import { type CellJudgement, judgeCells } from '../../../analyse/expectations.ts';
import {
  cellsWithout,
  programsOf,
  type SpecDifference,
  specDifferences,
} from '../../../analyse/spec-differences.ts';
import { UserError } from '../../../errors.ts';
import type { Expectation } from '../../../experiment/expectation.ts';
import { type Experiment, parseExperiment } from '../../../experiment/read-experiment.ts';
import { cellSummaries } from '../../../results/cell-summaries.ts';
import { evidenceOf } from '../../../results/judgements.ts';
import type { Selection } from '../../../store/cell-data.ts';
import { databaseId } from '../../../store/database-identity.ts';
import { doubtRows } from '../../../store/doubt-rows.ts';
import { lastEnvironments, sharedFacts } from '../../../store/environment-rows.ts';
import type { Db } from '../../../store/open.ts';
import { openUntouched } from '../../../store/open-untouched.ts';
import { provenanceOf } from '../../../store/provenance.ts';
import { cellOf, chooseSweep, listSweeps, runsDone, type SweepRow } from '../../../store/reader.ts';
import { storageError } from '../../../store/storage-errors.ts';
import { machinesOf } from '../../../store/sweep-hosts.ts';

/** The expectations, and how they are judged. */
export interface CheckRequest extends Selection {
  readonly experiment: Experiment;
  /** If undefined, the newest sweep with the spec's name, or the newest if none has it. */
  readonly sweep: string | undefined;
  /** If true, an expectation is not judged when a cell that it concerns was not made. */
  readonly everyCell: boolean;
}

export interface JudgedExpectation {
  readonly expectation: Expectation;
  readonly verdict: ExpectationVerdict;
  readonly judgements: readonly CellJudgement[];
}

/** The answer of a database to the expectations of a spec. */
export type Checked =
  | {
      readonly state: 'judged';
      readonly databaseId: string;
      readonly sweep: SweepRow;
      /** How many sweeps there are. */
      readonly sweeps: number;
      readonly doneRuns: number;
      readonly machines: readonly string[];
      /** The facts that its machines have in common, by the keys of docs/environment.md. */
      readonly facts: ReadonlyMap<string, string>;
      readonly differences: readonly SpecDifference[];
      readonly doubts: readonly SweepDoubt[];
      readonly judged: readonly JudgedExpectation[];
    }
  | { readonly state: 'unread'; readonly because: Unread; readonly reason: string };

type Unread = 'unreadable' | 'no-sweep';

/** Judges a database. A file that cannot be read is no error: the answer then says why. */
export function checkDatabase(file: string, asked: CheckRequest): Checked {
  try {
    const { db, close } = openUntouched(file);
    try {
      return judgeIn(db, asked);
    } finally {
      close();
    }
  } catch (error) {
    const known = storageError(file, error);
    if (known instanceof UserError) return unread('unreadable', known.message);
    // A file that somebody has tampered with can make SQLite fail anywhere.
    const { code, message } = error as { code?: unknown; message: string };
    if (typeof code !== 'string' || !code.startsWith('SQLITE_')) throw error;
    return unread('unreadable', `cannot use the database ${file}: ${message} (${code})`);
  }
}

/** The longest reason that is given; a name in a database may be longer. */
const LONGEST = 500;

function unread(because: Unread, reason: string): Checked {
  return { state: 'unread', because, reason: reason.slice(0, LONGEST) };
}

function judgeIn(db: Db, asked: CheckRequest): Checked {
  const { experiment, everyCell } = asked;
  const sweeps = listSweeps(db);
  let sweep: SweepRow;
  try {
    const { name } = experiment.document;
    const own = asked.sweep === undefined && sweeps.find((each) => each.name === name);
    sweep = own || chooseSweep(db, asked.sweep);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return unread('no-sweep', [error.message, error.hint ?? ''].join('; '));
  }
  const summaries = cellSummaries(db, sweep, asked);
  const evidence = evidenceOf(db, sweep, asked, summaries);
  const cells = summaries.map(({ cell }) => cellOf(cell));
  const missing = cellsWithout(experiment.cells, cells);
  const { instruments, rusage, counters, spec_text: spec } = provenanceOf(db, sweep.id);
  const machines = machinesOf(db, sweep.id).filter((name) => name !== '');
  const doneRuns = runsDone(db, sweep.id);
  return {
    state: 'judged',
    databaseId: databaseId(db),
    sweep,
    sweeps: sweeps.length,
    doneRuns,
    machines,
    facts: sharedFacts(db, [...lastEnvironments(db, sweep.id).values()]),
    differences: specDifferences(experiment.document, experiment.cells, {
      ...{ sweep, cells, doneRuns, machines, rusage: rusage === 1, counters },
      instruments: instruments.split(',').filter((name) => name !== ''),
      programs: programsIn(spec),
    }),
    doubts: sumUpDoubts(doubtRows(db, sweep.id), summaries).filter(({ note }) => !note),
    judged: experiment.expectations.map((expectation) => {
      const found = judgeCells(expectation, evidence);
      const lacking = missing.filter((cell) => expectation.concerns(cell)).length;
      const verdict = expectationVerdict(found, lacking, everyCell);
      return { expectation, verdict, judgements: found };
    }),
  };
}

/** The benchmarks that a stored spec names; undefined if it is none that this version reads. */
function programsIn(spec: string): readonly string[] | undefined {
  try {
    return programsOf(parseExperiment('stored.yaml', spec, { allowLarge: true }).document);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return undefined;
  }
}
