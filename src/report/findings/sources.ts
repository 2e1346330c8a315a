import type { SweepResults } from '../../results/sweep-results.ts';

/** The parts of a sweep's results from which findings are made. */
export type FindingSources = Pick<
  SweepResults,
  | ('summaries' | 'quotedRuns' | 'facts' | 'pipeStates' | 'stateBits')
  | ('doubts' | 'judged' | 'advice' | 'selection')
> & {
  readonly sweep: Pick<SweepResults['sweep'], 'tracer' | 'controls' | 'run_order' | 'relative_ci'>;
};
