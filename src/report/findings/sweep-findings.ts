import { quotedByCell } from '../../analyse/bandwidths.ts';
import type { SweepResults } from '../../export/sweep-results.ts';
import { cellBandwidths, cellPipeStates } from '../../store/cell-data.ts';
import { environmentsOf, sharedFacts } from '../../store/environment-rows.ts';
import { stateBits } from '../../store/reader.ts';
import { findings } from './findings.ts';
import type { Finding } from './series.ts';

/** The findings of a stored sweep, for the report's page and for JSON. */
export function sweepFindings(results: SweepResults): readonly Finding[] {
  const { db, sweep, selection, summaries, judged, doubts, advice } = results;
  return findings({
    ...{ sweep, summaries, judged, doubts, advice },
    runs: quotedByCell(cellBandwidths(db, sweep.id, selection), sweep),
    facts: sharedFacts(db, environmentsOf(db, sweep.id)),
    pipeStates: cellPipeStates(db, sweep.id, selection),
    stateBits: stateBits(db, sweep.id),
    suspect: selection.suspect,
  });
}
