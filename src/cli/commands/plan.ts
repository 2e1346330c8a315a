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
import { type HostShare, planHosts } from '../../plan/hosts.ts';
import { commandsOf, makePlan } from '../../plan/plan.ts';
import { definedOptions, needsRoot, type Reach } from '../../sweep/prepare-host.ts';
import { candidates, checkTracers, preferred } from '../../trace/choose.ts';
import { counted } from '../counted.ts';
import { printJson } from '../print-json.ts';
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
  const { tracing, programPath, absent } = await preview(experiment);
  const made = makePlan(cells, document, { traced: tracing.name !== 'none', done: new Set() });
  if (absent !== '') terminal.talk(`not usable here: ${absent}`);
  const commands = commandsOf(cells, made.options, programPath);
  const { hostOf, shares, seconds } = planHosts(cells, experiment.hosts, made.runs, made.options);
  const elsewhere = experiment.hosts.length > 1 || experiment.hosts[0] !== LOCAL_HOST;

  if (args.json) {
    const shown = {
      name: document.name,
      cells: cells.map((cell, at) => ({ cell: at + 1, ...cellJson(cell), host: hostOf[at] })),
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
      assign: document.assign,
      hosts: shares.map(({ host, cells, runs, seconds }) => ({
        ...{ host, cells, runs },
        estimate_s: Number(seconds.toFixed(1)),
      })),
      estimate_s: Number(seconds.toFixed(1)),
    };
    printJson(shown, terminal);
    return ExitCode.ok;
  }
  for (const line of cellLines(cells, elsewhere ? hostOf : undefined)) terminal.out(line);
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
  for (const line of tracing.source.trimEnd().split('\n')) terminal.out(`  ${line}`.trimEnd());
  if (elsewhere) for (const line of shareLines(shares, document.assign)) terminal.out(line);
  terminal.out(
    `\n${counted(made.runs.length, 'run')} of ${counted(cells.length, 'cell')}, about ${formatSeconds(seconds)}${
      shares.length > 1 ? ` with ${shares.length} hosts side by side` : ''
    }`,
  );
  return ExitCode.ok;
}

/** What a host says; nothing is asked of another machine, and without a compiler the plan can still be shown. */
async function preview(experiment: Experiment): Promise<Preview> {
  const bundled = experiment.program === 'bundled';
  const programPath = bundled ? 'ipc-benchmark' : experiment.program;
  const { tracer: choice } = experiment.document.trace;
  const unknown = (unusable: string, absent = ''): Preview => ({
    programPath,
    absent,
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
    return unknown(error.message, error.message);
  }
  try {
    const located = await programPathOn(host, experiment.program);
    return {
      programPath: located.path ?? programPath,
      absent: located.absent,
      tracing: await tracingOn(host, experiment, reach),
    };
  } finally {
    await host.close();
  }
}

interface Preview {
  readonly programPath: string;
  /** Why the benchmark is not to be had; empty when it is. */
  readonly absent: string;
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

async function programPathOn(host: Host, program: string) {
  try {
    return { path: (await locateBenchmark(host, program)).path, absent: '' };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { path: undefined, absent: error.message };
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

/** A line a host. Cells that nobody has begun are shared out anew by `run`, without hosts that are away. */
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

/** @param hostOf the host of each cell; undefined: all are made here */
function cellLines(
  cells: readonly Cell[],
  hostOf: readonly string[] | undefined,
): readonly string[] {
  const header = [
    'cell',
    ...(hostOf ? ['host'] : []),
    'ipc',
    'mode',
    'buffer',
    'total',
    'messages',
  ];
  const rows = cells.map((cell, at) => [
    String(at + 1),
    ...(hostOf ? [hostOf[at] ?? ''] : []),
    cell.socketBuffers ? `${cell.ipc} -s` : cell.ipc,
    cell.mode,
    formatSize(cell.bufferBytes),
    formatSize(cell.totalBytes),
    String(cell.totalBytes / cell.bufferBytes),
  ]);
  const host = hostOf ? (['left'] as const) : [];
  return alignColumns(header, rows, [
    ...(['right', ...host, 'left', 'left', 'right', 'right', 'right'] as const),
  ]);
}
