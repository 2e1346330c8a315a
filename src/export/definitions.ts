import { CHECK } from './check-table.ts';
import { COMPARED_PIPE_STATES, COMPARED_SYSCALLS, COMPARISON } from './comparison-tables.ts';
import { COUNT_SUMMARIES } from './count-summary-tables.ts';
import { COUNTS, WARNINGS } from './count-tables.ts';
import { COUNTERS, COUNTERS_SUMMARY } from './counter-tables.ts';
import { BANDWIDTH_FIT, BANDWIDTH_RESIDUALS } from './curve-tables.ts';
import { DOUBTS } from './doubt-table.ts';
import { ENVIRONMENT, ENVIRONMENT_WARNINGS, RUN_CONDITIONS } from './environment-tables.ts';
import { EXPECTATIONS } from './expectation-table.ts';
import { HISTORY, HISTORY_STEPS } from './history-tables.ts';
import { RUNS, SAMPLES } from './run-tables.ts';
import { AGGREGATIONS, EVENTS, PIPE_EVENTS } from './script-tables.ts';
import { CELL_WARNINGS, PROBE_EFFECTS, SUMMARY } from './summary-tables.ts';
import { SYSCALLS_WIDE } from './syscalls-wide.ts';
import type { TableShape } from './table.ts';

/** Every possible table, by the chapters of docs/csv.md. */
export const CHAPTERS: Readonly<Record<string, readonly TableShape[]>> = {
  cells: [
    SUMMARY,
    DOUBTS,
    PROBE_EFFECTS,
    CELL_WARNINGS,
    BANDWIDTH_FIT,
    BANDWIDTH_RESIDUALS,
    EXPECTATIONS,
    SYSCALLS_WIDE,
    COUNTERS_SUMMARY,
    ...COUNT_SUMMARIES,
  ],
  runs: [RUNS, SAMPLES, ...COUNTS.filter(({ optional }) => !optional), WARNINGS],
  environment: [ENVIRONMENT, ENVIRONMENT_WARNINGS, RUN_CONDITIONS],
  asked: [
    COUNTERS,
    ...COUNTS.filter(({ optional }) => optional),
    PIPE_EVENTS,
    AGGREGATIONS,
    EVENTS,
  ],
  comparison: [COMPARISON, COMPARED_SYSCALLS, COMPARED_PIPE_STATES],
  history: [HISTORY, HISTORY_STEPS],
  check: [CHECK],
};
