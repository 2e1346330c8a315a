import { ExitCode, type ExitCodeValue } from '../../../errors.ts';
import { commandText } from '../../../execute/hook.ts';
import { AXES_IN_TABLES, AXIS, axesOfKinds } from '../../../experiment/axes.ts';
import { type Cell, valueOn } from '../../../experiment/cell.ts';
import { cellName, namedBy } from '../../../experiment/cell-name.ts';
import { formatSeconds } from '../../../experiment/durations.ts';
import { optionLine } from '../../../experiment/given-options.ts';
import { hooksOf } from '../../../experiment/hooks.ts';
import type { Experiment } from '../../../experiment/read-experiment.ts';
import { formatSize } from '../../../experiment/sizes.ts';
import { LOCAL_HOST } from '../../../host/host-name.ts';
import type { SweepCosts } from '../../../plan/estimate.ts';
import { type HostShare, planHosts } from '../../../plan/hosts.ts';
import type { PlannedRun } from '../../../plan/order.ts';
import { commandsOf, makePlan, type Plan, planOf } from '../../../plan/plan.ts';
import { parseShard, shardName } from '../../../plan/shards.ts';
import { TimeLeft, withinBudget } from '../../../plan/time-left.ts';
import { documentHead } from '../../../report/json/document-head.ts';
import type { PlanDocument } from '../../../report/json/plan-schema.ts';
import { sweepCosts } from '../../../sweep/costs.ts';
import { divide } from '../../../sweep/divide.ts';
import { type Survey, survey } from '../../../sweep/prepare.ts';
import { likelyTracer } from '../../../trace/choose.ts';
import {
  attachedAlone,
  type Placement,
  reasonOf,
} from '../../../trace/user-scripts/riding/placement.ts';
import { askedExperiment, type ExperimentArguments, printSpec } from '../../asked-experiment.ts';
import { countAndNoun } from '../../count-and-noun.ts';
import { estimateText } from '../../estimate-text.ts';
import { printJson } from '../../print-json.ts';
import { alignColumns } from '../../print-table.ts';
import type { Terminal } from '../../terminal.ts';
import { reachOf } from '../../ways-to-hosts.ts';

export interface PlanArguments extends ExperimentArguments {
  readonly json: boolean;
  readonly program: boolean;
  readonly shard: string | undefined;
}

/** Shows what `run` would do. Needs no root, and starts nothing. */
export async function plan(args: PlanArguments, terminal: Terminal): Promise<ExitCodeValue> {
  const experiment = askedExperiment(args, terminal);
  if (args.printSpec) {
    printSpec(experiment, terminal);
    return ExitCode.ok;
  }
  const { document, cells, leftOut } = experiment;
  const shard = args.shard === undefined ? undefined : parseShard(args.shard);
  const shardOf = shard && divide(experiment, shard.of);
  const isOwn = (cellIndex: number) =>
    shardOf === undefined || shardOf[cellIndex] === shard?.number;
  const surveyed = await survey(experiment, { scripts: false }, reachOf(process.env));
  const { here } = surveyed;
  // Other machines are not queried: for them the spec is taken at its word.
  const traced = here ? here.tracing.traced : document.trace.tracer !== 'none';
  const tracer = here ? (here.tracing.wanted?.tracer.name ?? 'none') : document.trace.tracer;
  const whole = makePlan(cells, document, { traced, done: new Set() });
  const made = planOf(whole, isOwn);
  // The plan can be shown even without a compiler.
  const likely = new Map(experiment.programs.map(({ name, program }) => [name, program]));
  const pathOf = (name: string) => {
    const asked = likely.get(name) ?? name;
    return here?.programs.get(name)?.path ?? (asked === 'bundled' ? 'ipc-benchmark' : asked);
  };
  const commands = commandsOf(
    cells.filter((_, at) => isOwn(at)),
    made.options,
    pathOf,
  );
  // Hosts that were not queried are assumed to be of the same kind as this machine.
  const costs = sweepCosts(document, {
    tracer: here
      ? here.tracing.wanted?.tracer
      : likelyTracer(document.trace.tracer, process.platform),
    scripts: here ? attachedAlone(here.tracing.placed).map(({ path }) => path) : experiment.scripts,
    platform: process.platform,
  });
  const placed = here?.tracing.placed ?? [];
  const { hostOf, shares, seconds } = planHosts(cells, experiment.hosts, made.least, costs);
  const parts = shardParts(shardOf ?? [], whole.least, costs);
  const { budget = Number.POSITIVE_INFINITY } = document;
  const estimate = withinBudget(seconds, made.least.length < made.runs.length, budget);
  const elsewhere = experiment.hosts.length > 1 || experiment.hosts[0] !== LOCAL_HOST;

  if (args.json) {
    const planned: PlanDocument = {
      ...documentHead('plan'),
      name: document.name,
      cells: cells.flatMap((cell, at) =>
        isOwn(at) ? [{ cell: at + 1, ...cellJson(cell), host: hostOf[at] ?? null }] : [],
      ),
      left_out: leftOut.map(({ cell, cause, reason }) => ({ ...cellJson(cell), cause, reason })),
      runs: made.runs.map((run) => ({
        ordinal: run.ordinal,
        cell: run.cellIndex + 1,
        trial: run.trial,
        warmup: run.warmup,
        traced: run.traced,
      })),
      commands,
      tracer,
      tracer_usable: here
        ? here.tracing.wanted === undefined || here.tracing.chosen !== undefined
        : null,
      trace_program: here?.traceProgram?.source ?? null,
      scripts: experiment.scripts,
      scripts_attached: placed.map((it) => ({
        ...{ script: it.script.path, attached: it.attached, because: reasonOf(it) || null },
      })),
      hooks: Object.fromEntries(
        Object.entries(hooksOf(document)).map(([name, { words }]) => [name, words]),
      ),
      options: experiment.options.map(({ option, value }) => ({ option, value })),
      missing: here?.tracing.missing ?? [],
      notes: surveyed.notes,
      refused: surveyed.faults.map(({ message, hint }) => ({ message, hint: hint ?? null })),
      assign: document.assign,
      shard: shard?.number ?? null,
      shards: parts.map(({ shard, cells, runs, seconds }) => ({
        ...{ shard, cells, runs },
        estimate_s: Number(seconds.toFixed(1)),
      })),
      hosts: shares.map(({ host, cells, runs, seconds }) => ({
        ...{ host, cells, runs },
        estimate_s: Number(seconds.toFixed(1)),
      })),
      estimate_s: Number(estimate.seconds.toFixed(1)),
      estimate_at_least: estimate.atLeast,
    };
    printJson(planned, terminal);
    return ExitCode.ok;
  }
  const own = shard === undefined ? '' : `shard ${shardName(shard)}: `;
  terminal.out(
    `${own}${runsText(made)} of ${countAndNoun(commands.length, 'cell')}, ${estimateText(estimate)}${
      shares.length > 1 ? ` with ${shares.length} hosts side by side` : ''
    }`,
  );
  terminal.out('');
  for (const line of cellLines(cells, isOwn, elsewhere ? hostOf : undefined)) terminal.out(line);
  if (leftOut.length > 0) {
    terminal.out(`\nleft out (${leftOut.length}):`);
    for (const { cell, reason } of leftOut) terminal.out(`  ${cellName(cell)}: ${reason}`);
  }
  terminal.out(`\norder (${document.order}, seed ${document.seed}), cell/trial:`);
  const order = made.runs.slice(0, 60).map((run) => `${run.cellIndex + 1}/${run.trial}`);
  terminal.out(`  ${order.join(' ')}${made.runs.length > 60 ? ' ...' : ''}`);
  terminal.out('\ncommands:');
  for (const words of commands.slice(0, 40)) terminal.out(`  ${words.join(' ')}`);
  if (commands.length > 40) terminal.out(`  ... and ${commands.length - 40} more`);
  const reason = here?.tracing.wanted?.availability.reason ?? '';
  const doubt = reason === '' ? '' : ` (not usable here: ${reason})`;
  const there = experiment.hosts.includes(LOCAL_HOST) ? doubt : ', as it is there';
  terminal.out(`\ntracer: ${tracer}${there}`);
  const source = here?.traceProgram?.source.trimEnd() ?? '';
  const lines = source === '' ? [] : source.split('\n');
  if (args.program) for (const line of lines) terminal.out(`  ${line}`.trimEnd());
  else if (lines.length > 0) terminal.out(`  --program prints its program, ${lines.length} lines`);
  for (const script of experiment.scripts) terminal.out(scriptLine(script, placed));
  for (const [name, { words }] of Object.entries(hooksOf(document))) {
    terminal.out(`${name}: ${commandText(words)}`);
  }
  if (experiment.options.length > 0) terminal.out(`options: ${optionLine(experiment.options)}`);
  if (elsewhere) for (const line of shareLines(shares, document.assign)) terminal.out(line);
  for (const line of partLines(parts)) terminal.out(line);
  for (const line of sayingLines(surveyed)) terminal.out(line);
  return ExitCode.ok;
}

/** A script's line says how it is attached, where that is known. */
function scriptLine(path: string, placed: readonly Placement[]): string {
  const placement = placed.find(({ script }) => script.path === path);
  if (!placement) return `script: ${path}`;
  if (placement.attached === 'session') return `script: ${path}, part of the tracer's program`;
  return `script: ${path}, attached to every run: ${reasonOf(placement)}`;
}

/** The number of runs that are certain, and the maximum. */
function runsText({ least, runs }: Plan): string {
  if (least.length === runs.length) return countAndNoun(runs.length, 'run');
  return `at least ${countAndNoun(least.length, 'run')}, at most ${runs.length},`;
}

/** The messages that `run` would show before its first run, or instead of it. */
function sayingLines({ notes, faults }: Survey): readonly string[] {
  const lines = [
    ...notes.map((note) => `note: ${note}`),
    ...faults.flatMap(({ message, hint }) => [
      `run would refuse it here: ${message}`,
      ...(hint === undefined ? [] : [`hint: ${hint}`]),
    ]),
  ];
  return lines.length > 0 ? ['', ...lines] : [];
}

function cellJson(cell: Cell) {
  const values = AXES_IN_TABLES.map((axis) => {
    const value = valueOn(cell, axis);
    return [AXIS[axis].column, value === '' ? null : value] as const;
  });
  return Object.fromEntries(values);
}

/**
 * One line per host. `run` distributes cells without runs anew, leaving out hosts that are away.
 */
function shareLines(
  shares: readonly HostShare[],
  assign: Experiment['document']['assign'],
): readonly string[] {
  const rows = shares.map(({ host, cells, runs, seconds }) => [
    ...[host, String(cells), String(runs), formatSeconds(seconds)],
  ]);
  return [
    '',
    `hosts (${assign}):`,
    ...alignColumns(['host', 'cells', 'runs', 'about'], rows, [
      'left',
      'right',
      'right',
      'right',
    ]).map((line) => `  ${line}`),
  ];
}

/** One of the shards into which a sweep is divided. */
interface Part {
  readonly shard: number;
  readonly cells: number;
  readonly runs: number;
  readonly seconds: number;
}

/** @param shardOf the shard of each cell; empty if the sweep is not divided */
function shardParts(
  shardOf: readonly number[],
  runs: readonly PlannedRun[],
  costs: SweepCosts,
): readonly Part[] {
  const parts = new Map<number, { cells: number; readonly runs: PlannedRun[] }>();
  for (const shard of [...shardOf].sort((a, b) => a - b)) {
    const part = parts.get(shard) ?? { cells: 0, runs: [] };
    part.cells++;
    parts.set(shard, part);
  }
  for (const run of runs) parts.get(shardOf[run.cellIndex] ?? 0)?.runs.push(run);
  return [...parts].map(([shard, { cells, runs: own }]) => {
    const left = new TimeLeft([], costs);
    left.expect(own);
    return { shard, cells, runs: own.length, seconds: left.seconds() };
  });
}

function partLines(parts: readonly Part[]): readonly string[] {
  if (parts.length === 0) return [];
  const rows = parts.map(({ shard, cells, runs, seconds }) => [
    ...[String(shard), String(cells), String(runs), formatSeconds(seconds)],
  ]);
  const sides = ['right', 'right', 'right', 'right'] as const;
  return [
    '',
    'shards:',
    ...alignColumns(['shard', 'cells', 'runs', 'about'], rows, sides).map((line) => `  ${line}`),
  ];
}

/**
 * @param isOwn whether a cell is made here, by its index
 * @param hostOf the host of each cell; if undefined, all runs are made here
 */
function cellLines(
  cells: readonly Cell[],
  isOwn: (cellIndex: number) => boolean,
  hostOf: readonly string[] | undefined,
): readonly string[] {
  const programs = cells.some(({ program }) => program !== undefined);
  const [first, ...words] = axesOfKinds('word');
  // Flags have no column of their own.
  const named = [[first!, ...axesOfKinds('flag')], ...words.map((axis) => [axis])];
  const sizes = axesOfKinds('size');
  const header = [
    'cell',
    ...(hostOf ? ['host'] : []),
    ...(programs ? ['program'] : []),
    ...named.map(([axis]) => axis!),
    ...sizes.map((axis) => AXIS[axis].heading),
    'messages',
  ];
  const rows = cells.map((cell, at) => [
    String(at + 1),
    ...(hostOf ? [hostOf[at] ?? ''] : []),
    ...(programs ? [cell.program ?? ''] : []),
    ...named.map((axes) => namedBy(axes, (axis) => valueOn(cell, axis))),
    ...sizes.map((axis) => formatSize(Number(valueOn(cell, axis)))),
    String(cell.totalBytes / cell.bufferBytes),
  ]);
  const host = hostOf ? (['left'] as const) : [];
  const program = programs ? (['left'] as const) : [];
  const own = rows.filter((_, at) => isOwn(at));
  const columns = [...named.map(() => 'left' as const), ...sizes.map(() => 'right' as const)];
  return alignColumns(header, own, ['right', ...host, ...program, ...columns, 'right']);
}
