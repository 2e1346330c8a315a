import { locateBenchmark } from '../../benchmark/locate.ts';
import { ExitCode, type ExitCodeValue, UserError } from '../../errors.ts';
import type { Cell } from '../../experiment/cell.ts';
import { cellName } from '../../experiment/cell-name.ts';
import { formatSeconds } from '../../experiment/durations.ts';
import { type Experiment, loadExperiment } from '../../experiment/load.ts';
import { LOCAL_HOST } from '../../experiment/schema.ts';
import { formatSize } from '../../experiment/sizes.ts';
import type { Host } from '../../host/host.ts';
import { OWN_PRIVILEGE } from '../../host/privilege.ts';
import { commandsOf, estimateRuns, makePlan } from '../../plan/plan.ts';
import { definedOptions, needsRoot, type Reach } from '../../sweep/prepare-host.ts';
import { candidates, checkTracers, preferred } from '../../trace/choose.ts';
import { counted } from '../counted.ts';
import { alignColumns } from '../print-table.ts';
import { hostsOf, reachOf } from '../reach.ts';
import type { Terminal } from '../terminal.ts';

export interface PlanArguments {
  readonly spec: string;
  readonly allowLarge: boolean;
  readonly json: boolean;
  readonly host: readonly string[] | undefined;
}

/** Shows what `run` would do. Needs no root, and starts nothing. */
export async function plan(args: PlanArguments, terminal: Terminal): Promise<ExitCodeValue> {
  const experiment = loadExperiment(args.spec, {
    allowLarge: args.allowLarge,
    ...hostsOf(args.host),
  });
  const { document, cells, leftOut } = experiment;
  const { tracing, programPath } = await preview(experiment);
  const made = makePlan(cells, document, { traced: tracing.name !== 'none', done: new Set() });
  const commands = commandsOf(cells, made.options, programPath);
  const estimate = estimateRuns(made.runs, made.options);

  if (args.json) {
    const document = {
      name: experiment.document.name,
      cells: cells.map((cell, at) => ({ cell: at + 1, ...cellJson(cell) })),
      left_out: leftOut.map(({ cell, cause, reason }) => ({ ...cellJson(cell), cause, reason })),
      runs: made.runs.map((run) => ({
        ordinal: run.ordinal,
        cell: run.cellIndex + 1,
        trial: run.trial,
        warmup: run.warmup,
        traced: run.traced,
      })),
      commands,
      tracer: tracing.name,
      tracer_usable: tracing.unusable === '',
      trace_program: tracing.source,
      estimate_s: Number(estimate.toFixed(1)),
    };
    terminal.out(JSON.stringify(document, null, 2));
    return ExitCode.ok;
  }
  for (const line of cellLines(cells)) terminal.out(line);
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
  const doubt = tracing.unusable === '' ? '' : ` (not usable here: ${tracing.unusable})`;
  terminal.out(`\ntracer: ${tracing.name}${doubt}`);
  if (tracing.source !== '') terminal.out(tracing.source.replace(/^/gm, '  '));
  terminal.out(
    `\n${counted(made.runs.length, 'run')} of ${counted(cells.length, 'cell')}, about ${formatSeconds(estimate)}`,
  );
  return ExitCode.ok;
}

/** What a host says; nothing is asked of another machine, and without a compiler the plan can still be shown. */
async function preview(experiment: Experiment): Promise<Preview> {
  const bundled = experiment.program === 'bundled';
  const programPath = bundled ? 'ipc-benchmark' : experiment.program;
  const { tracer: choice } = experiment.document.trace;
  const unknown = (unusable: string): Preview => ({
    programPath,
    tracing: { name: choice, unusable, source: '' },
  });
  if (!experiment.hosts.includes(LOCAL_HOST)) {
    return unknown(choice === 'none' ? '' : 'chosen there');
  }
  const reach = reachOf(process.env);
  let host: Host;
  try {
    host = await reach.open(LOCAL_HOST);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return unknown(error.message);
  }
  try {
    const located = await programPathOn(host, experiment.program);
    return {
      programPath: located ?? programPath,
      tracing: await tracingOn(host, experiment, reach),
    };
  } finally {
    await host.close();
  }
}

interface Preview {
  readonly programPath: string;
  readonly tracing: { readonly name: string; readonly unusable: string; readonly source: string };
}

/** The tracer that `run` would take, or would like to take. */
async function tracingOn(
  host: Host,
  experiment: Experiment,
  reach: Reach,
): Promise<Preview['tracing']> {
  const { trace } = experiment.document;
  const { tracer: choice, instruments, options } = trace;
  if (choice === 'none') return { name: 'none', unusable: '', source: '' };
  const privilege = needsRoot(trace) ? await reach.asRoot(host) : OWN_PRIVILEGE;
  try {
    const best = preferred(candidates(await checkTracers(host, privilege), choice, privilege));
    if (!best) return { name: choice, unusable: 'not supported', source: '' };
    const execname =
      experiment.program === 'bundled' ? 'ipc-benchmark' : experiment.program.replace(/^.*\//, '');
    return {
      name: best.tracer.name,
      unusable: best.availability.reason,
      source: best.tracer.program(host.machine, {
        execname,
        instruments,
        events: trace.events,
        options: definedOptions(options),
      }).source,
    };
  } finally {
    if (privilege.state === 'sudo') await privilege.root.close();
  }
}

async function programPathOn(host: Host, program: string): Promise<string | undefined> {
  try {
    return (await locateBenchmark(host, program)).path;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return undefined;
  }
}

function cellJson(cell: Cell) {
  return {
    ipc: cell.ipc,
    mode: cell.mode,
    buffer_bytes: cell.bufferBytes,
    total_bytes: cell.totalBytes,
    socket_buffers: cell.socketBuffers,
  };
}

function cellLines(cells: readonly Cell[]): readonly string[] {
  const header = ['cell', 'ipc', 'mode', 'buffer', 'total', 'messages'];
  const rows = cells.map((cell, at) => [
    String(at + 1),
    cell.socketBuffers ? `${cell.ipc} -s` : cell.ipc,
    cell.mode,
    formatSize(cell.bufferBytes),
    formatSize(cell.totalBytes),
    String(cell.totalBytes / cell.bufferBytes),
  ]);
  return alignColumns(header, rows, ['right', 'left', 'left', 'right', 'right', 'right']);
}
