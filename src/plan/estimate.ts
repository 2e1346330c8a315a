import type { BenchmarkOptions } from '../benchmark/argv.ts';
import type { Cell, Ipc } from '../experiment/cell.ts';
import { LIMITS } from '../experiment/limits.ts';
import type { ExperimentDocument } from '../experiment/schema.ts';
import type { TraceCost } from '../trace/tracer.ts';

export interface RunShape {
  readonly cell: Cell;
  readonly iterations: number;
  readonly bare: boolean;
}

/** What a host's runs take besides the benchmark itself. */
export interface SweepCosts {
  readonly options: Pick<BenchmarkOptions, 'bare' | 'iterations'>;
  readonly timeout: ExperimentDocument['timeout'];
  /** Undefined: no tracer is attached. */
  readonly tracer: TraceCost | undefined;
  /** True: the tracer is attached for each traced run anew. */
  readonly attachPerRun: boolean;
  /** To attach the user's own scripts to a traced run and to end them, all together. */
  readonly scriptSeconds: number;
}

/** Seconds that the benchmark sleeps in one iteration, from its description. */
export function sleepSeconds(shape: RunShape): number {
  if (shape.bare) return 0;
  return shape.cell.mode === '2proc' ? 3 : 2;
}

/** Figures of a small machine, to plan with; bench/estimate.mjs holds them against real sweeps. */
const BYTES_PER_SECOND = 2e9;
const SECONDS_PER_MESSAGE: Readonly<Record<Ipc, number>> = { pipe: 0.7e-6, local: 2e-6, tcp: 4e-6 };
const SECONDS_PER_RUN = 0.002;
/** From the end of one run to the start of the next, where no tracer is attached. */
const SECONDS_BETWEEN = 0.0015;

/**
 * On Linux a TCP sender whose socket buffer holds no more than one message waits, before it sends the
 * next one, for an acknowledgement that the receiver delays by 40 ms.
 */
const DELAY_SECONDS = 0.04;
/** With messages above this size no run stalled. */
const LARGEST_DELAYED_BYTES = 16 * 1024;

/** What a run should take from its start to its end, in seconds. */
export function runSeconds(
  { cell, traced }: { readonly cell: Cell; readonly traced: boolean },
  { options, timeout, tracer }: SweepCosts,
): number {
  const messages = cell.totalBytes / cell.bufferBytes;
  const perMessage =
    SECONDS_PER_MESSAGE[cell.ipc] +
    (isDelayed(cell) && cell.bufferBytes <= LARGEST_DELAYED_BYTES ? DELAY_SECONDS : 0) +
    (traced && tracer ? tracer.messageSeconds : 0);
  const transfer = cell.totalBytes / BYTES_PER_SECOND + messages * perMessage;
  const seconds =
    SECONDS_PER_RUN + options.iterations * (sleepSeconds({ cell, ...options }) + transfer);
  return timeout === 'auto' ? seconds : Math.min(seconds, timeout / 1000);
}

/** What lies between the end of the run before and the start of a run, and what follows it, in seconds. */
export function overheadSeconds(traced: boolean, costs: SweepCosts): number {
  const { tracer, attachPerRun, scriptSeconds } = costs;
  if (!traced) return SECONDS_BETWEEN;
  const attaching = tracer && attachPerRun ? tracer.attachSeconds + tracer.detachSeconds : 0;
  return SECONDS_BETWEEN + scriptSeconds + attaching + (tracer?.runSeconds ?? 0);
}

/** To attach the tracer before a traced run, or to take it away before an untraced one, in seconds. */
export function changeSeconds(toTraced: boolean, { tracer, attachPerRun }: SweepCosts): number {
  if (tracer === undefined || attachPerRun) return 0;
  return toTraced ? tracer.attachSeconds : tracer.detachSeconds;
}

function isDelayed({ ipc, socketBuffers }: Cell): boolean {
  return ipc === 'tcp' && socketBuffers;
}

/** The slowest machine worth waiting for: an emulated one, traced. */
const SLOW_BYTES_PER_SECOND = 5e6;
const SLOW_SECONDS_PER_CALL = 1e-3;
const SLOW_SECONDS_PER_RUN = 15;
/** Small socket buffers make TCP wait for acknowledgements that are delayed. */
const DELAYED_SECONDS_PER_CALL = 0.25;

/** When a run is given up, in ms, unless the spec says; never above what a timer can hold. */
export function deadlineMs(shape: RunShape): number {
  const { totalBytes, bufferBytes } = shape.cell;
  const secondsPerCall = isDelayed(shape.cell) ? DELAYED_SECONDS_PER_CALL : SLOW_SECONDS_PER_CALL;
  const transfer = totalBytes / SLOW_BYTES_PER_SECOND + (totalBytes / bufferBytes) * secondsPerCall;
  const seconds = SLOW_SECONDS_PER_RUN + shape.iterations * (sleepSeconds(shape) + transfer);
  return Math.min(LIMITS.timeoutMs, Math.ceil(1000 * seconds));
}
