import { z } from 'zod';
import { RUN_STATES } from '../../export/columns.ts';
import { summaryOf } from '../../export/count-summary-tables.ts';
import { COUNTERS_SUMMARY } from '../../export/counter-tables.ts';
import { BANDWIDTH_FIT, BANDWIDTH_RESIDUALS } from '../../export/curve-tables.ts';
import { DOUBTS } from '../../export/doubt-table.ts';
import { RUNS } from '../../export/run-tables.ts';
import { PROBE_EFFECTS, SUMMARY } from '../../export/summary-tables.ts';
import { SYSCALLS } from '../../instruments/syscalls/instrument.ts';
import { checkSchema } from './check-schema.ts';
import { compareSchema } from './compare-schema.ts';
import { doctorSchema } from './doctor-schema.ts';
import { historySchema } from './history-schema.ts';
import { mergeSchema } from './merge-schema.ts';
import { MISSES } from './misses.ts';
import { PIPE_STATE_SHARES } from './pipe-state-shares.ts';
import { planSchema } from './plan-schema.ts';
import { rowSchema } from './row-schema.ts';
import { codeAndMessage, count, flag, head, rowsOf, text, textOrNull } from './schema-parts.ts';
import { slurmStatusSchema } from './slurm-status-schema.ts';

/*
 * One source for the types of the JSON documents and for their published schemas. What a table has
 * comes from the definition of the table.
 */

const databaseHead = {
  ...head,
  database: text('the database file, as it was named'),
};

const hostSchema = z.strictObject({
  host: textOrNull('its name in the spec: local, or what ssh was told; null for an import'),
  machine: textOrNull('what it calls itself; null before its first run'),
  cells: count('cells', 'cells that are made there'),
  planned_runs: count('runs', 'runs that its cells have, or have at least'),
  done_runs: count('runs', 'runs that have ended in any state but interrupted'),
  not_good_runs: count('runs', 'runs without a completed attempt'),
  trouble: z
    .strictObject({
      state: z
        .enum(['gone', 'away'])
        .describe('gone: its link broke and is tried again; away: it was set aside'),
      reason: text('in words'),
    })
    .nullable()
    .describe('of the last start of the sweep; null if there is none'),
});

const doubtSchema = rowSchema(DOUBTS.columns, {
  cells: z
    .array(z.string())
    .describe('names of the cells that it concerns; empty where it concerns all, or all of a host'),
  hosts: z
    .array(z.string())
    .describe('the hosts that it concerns, where they are only some; otherwise empty'),
  note: flag('only worth knowing, and no reason to trust the numbers less'),
});

/** The properties that `status` has of every sweep. */
const sweepFacts = {
  id: z.int().min(1).describe('the number of the sweep in its database'),
  name: text('the name of the experiment'),
  description: text('as the spec has it; may be empty'),
  note: text('the note that somebody stored with it (`ipc-sweep note`); may be empty'),
  state: z.enum(['running', 'interrupted', 'stopped', 'ended']).describe('how far it is'),
  tracer: text('the program that looked into the kernel, or none'),
  started_at: textOrNull('in UTC, ISO 8601; null for an import'),
  ended_at: textOrNull('in UTC, ISO 8601; null before its end'),
  active_ms: z
    .number()
    .min(0)
    .meta({ description: 'running time of all its starts together', unit: 'ms' }),
  planned_runs: count('runs', 'runs that it has, or has at least'),
  shard: z
    .int()
    .nullable()
    .describe('which of the shards of the sweep this is; null if it is not divided'),
  shards: z.int().nullable().describe('the number of shards; null if it is not divided'),
  cells_of_other_shards: count('cells', 'cells that other shards make'),
  done_runs: count('runs', 'planned runs that have ended in any state but interrupted'),
  not_good_runs: count('runs', 'runs without a completed attempt'),
  runs_by_state: z
    .strictObject(
      Object.fromEntries(RUN_STATES.map((state) => [state, count('runs', `runs ended ${state}`)])),
    )
    .describe('warm-up runs included; each run counts once, by the attempt that stands for it'),
  origins: z
    .array(
      z.strictObject({
        file: text('the database, as it was named when it was first merged'),
        database: text('its identity'),
        sweep_id: z.int().describe('the number of the sweep there'),
        machines: z.array(z.string()).describe('what the machines call themselves'),
      }),
    )
    .describe('where `merge` took it from; empty for a sweep that was made in this database'),
  hosts: z.array(hostSchema).describe('in the order of the cells'),
};

/** A sweep in the list of all: its doubts about cells would take as long as all figures. */
const listedSweep = z.strictObject({
  ...sweepFacts,
  doubts_without_cells: z
    .array(doubtSchema)
    .describe(
      'doubts about runs, the machine and the sweep; `status SWEEP` has those of cells, too',
    ),
});

const settingsSchema = z
  .strictObject({
    spec_file: textOrNull('the path of the spec, or of what was imported'),
    options: z
      .array(
        z.strictObject({
          option: text('as it is typed, such as --set'),
          value: text('its value; empty for a switch'),
        }),
      )
      .describe('the options of the command line that changed the spec when it was last run'),
    seed: z.int().describe('of the order of the runs'),
    run_order: text('shuffled, round-robin or sequential; imported for an import'),
    warmup_trials: count('trials', 'first trials of every cell, which are not counted'),
    trials_min: count('trials', 'counted trials that every cell has at least'),
    trials_max: count('trials', 'counted trials that a cell has at most'),
    relative_ci: z.number().nullable().meta({
      description:
        "half the width of a median's interval, over the median, at which trials end; null for a fixed number",
      unit: 'share',
    }),
    budget_ms: z.number().nullable().meta({
      description: 'time after which no run is started; null without a limit',
      unit: 'ms',
    }),
    iterations: count('samples', 'asked for inside a run (-n)'),
    bare: flag("without the benchmark's own sleeps (-B)"),
    controls: flag('each traced run has an untraced one beside it'),
    iterations_as_runs: flag('n counts iterations of one process (import-notebook)'),
    instruments: z.array(z.string()).describe('the questions put to the kernel'),
    counters: textOrNull('the set of counters that the benchmark was asked for; null if none'),
  })
  .describe('of the sweep, as it was started');

const environmentSchema = z.strictObject({
  environment_id: z.int().describe('one start of the sweep on one host'),
  captured_at: textOrNull('when, in UTC, ISO 8601; null where it is not known'),
  host: textOrNull('its name in the spec; null for an import'),
  machine: text('what it calls itself'),
  facts: z
    .record(z.string(), z.union([z.number(), z.string()]))
    .describe('by the keys of docs/environment.md, which have the units'),
  warnings: z.array(codeAndMessage).describe('what harms figures there'),
});

const failedHookSchema = z.strictObject({
  host: text('its name in the spec'),
  hook: text('setup, prepare, conclude or cleanup'),
  failure: text('why'),
  calls: count('calls', 'how often it has failed so'),
});

const expectationSchema = z.strictObject({
  expectation: text('as the spec has it'),
  fulfilled: flag('by all cells that it concerns'),
  cells: count('cells', 'cells that it concerns'),
  misses: rowsOf(MISSES),
});

const fullSweep = z
  .strictObject({
    ...sweepFacts,
    settings: settingsSchema,
    suspect_let_in: flag('whether suspect runs are in the figures (--suspect)'),
    cells: z
      .array(
        rowSchema(SUMMARY.columns, {
          warnings: z
            .array(codeAndMessage)
            .describe('doubts that the values of the cell and their order raise'),
        }),
      )
      .describe('a cell each, with the columns of summary.csv'),
    expectations: z.array(expectationSchema).describe("the spec's, judged by the figures"),
    doubts: z
      .array(doubtSchema)
      .describe('reasons to trust the numbers less, the most harmful first; as in doubts.csv'),
    missing: z
      .array(z.strictObject({ name: text('what'), reason: text('why') }))
      .describe('what the spec or the defaults ask for and the sweep does not have'),
    failed_hooks: z
      .array(failedHookSchema)
      .describe('which of the commands around the runs have failed, and why; each reason once'),
    advice: z.array(z.string()).describe('how to measure better, or in less time, in words'),
    not_good_attempts: z
      .array(rowSchema(RUNS.columns))
      .describe('attempts that did not complete, with the columns of runs.csv'),
    environments: z.array(environmentSchema).describe('the machines at each start of the sweep'),
  })
  .describe('a sweep with all that it has found');

const statusSchema = z
  .strictObject({
    document: z.literal('status'),
    ...databaseHead,
    sweeps: z
      .array(z.union([fullSweep, listedSweep]))
      .describe('all, the newest first; the figures only of `status SWEEP`, which has one sweep'),
  })
  .meta({ title: 'ipc-sweep status --json' });

const runSchema = z
  .strictObject({
    document: z.literal('run'),
    ...databaseHead,
    exit_code: z.int().describe('of the command: docs/commands.md'),
    folder: text('where the tables are'),
    files: z
      .array(
        z.strictObject({
          path: text('of the file'),
          unit: z.enum(['row', 'table', 'sheet']).describe('what is counted'),
          count: z.int().min(0).describe('how many of them the file has'),
        }),
      )
      .describe('what was written at the end'),
    sweep: fullSweep,
  })
  .meta({ title: 'ipc-sweep run --json' });

const reportSchema = z
  .strictObject({
    document: z.literal('report'),
    ...databaseHead,
    sweep: fullSweep,
    findings: z
      .array(z.strictObject({ subject: text('what it is about'), text: text('the sentence') }))
      .describe('sentences that follow from the figures by a rule (docs/report.md), for people'),
    probe_effect: rowsOf(PROBE_EFFECTS),
    bandwidth_fit: rowsOf(BANDWIDTH_FIT),
    bandwidth_residuals: rowsOf(BANDWIDTH_RESIDUALS),
    syscalls_summary: rowsOf(summaryOf(SYSCALLS)),
    counters_summary: rowsOf(COUNTERS_SUMMARY),
    pipe_state_shares: rowsOf(PIPE_STATE_SHARES),
  })
  .meta({ title: 'ipc-sweep report --json' });

const SCHEMAS = {
  ...{ status: statusSchema, run: runSchema, report: reportSchema, plan: planSchema },
  ...{ compare: compareSchema, history: historySchema, check: checkSchema, doctor: doctorSchema },
  ...{ merge: mergeSchema, 'slurm-status': slurmStatusSchema },
};

export type DocumentName = keyof typeof SCHEMAS;
export const DOCUMENT_NAMES = Object.keys(SCHEMAS) as readonly DocumentName[];
export type ListedSweep = z.output<typeof listedSweep>;
export type FullSweep = z.output<typeof fullSweep>;
export type StatusDocument = z.output<typeof statusSchema>;
export type RunDocument = z.output<typeof runSchema>;
export type ReportDocument = z.output<typeof reportSchema>;

/** The published JSON Schema of a document that a command prints. */
export function documentJsonSchema(name: DocumentName): Record<string, unknown> {
  return z.toJSONSchema(SCHEMAS[name], {
    target: 'draft-7',
    // Every validator knows what an integer is; zod adds the bounds of a double.
    override: ({ jsonSchema }) => {
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    },
  });
}
