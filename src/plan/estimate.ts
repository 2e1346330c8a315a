import type { BenchmarkOptions } from '../benchmark/argv.ts';
import { CHANNELS } from '../experiment/axes.ts';
import type { Cell } from '../experiment/cell.ts';
import { LIMITS } from '../experiment/limits.ts';
import type { ExperimentDocument } from '../experiment/schema.ts';
import type { TraceCost } from '../trace/tracer.ts';

export interface RunShape {
  readonly cell: Cell;
  readonly iterations: number;
  readonly bare: boolean;
}

/** The costs of a host's runs besides the benchmark itself. */
export interface SweepCosts {
  readonly options: Pick<BenchmarkOptions, 'bare' | 'iterations'>;
  readonly timeout: ExperimentDocument['timeout'];
  /** Undefined if no tracer is attached. */
  readonly tracer: TraceCost | undefined;
  /** True if the tracer is attached anew for each traced run. */
  readonly attachPerRun: boolean;
  /** The time to attach all the user's own scripts to a traced run and to end them. */
  readonly scriptSeconds: number;
}

/** The seconds that the benchmark sleeps in one iteration, according to its description. */
export function sleepSeconds(shape: RunShape): number {
  if (shape.bare) return 0;
  return shape.cell.mode === '2proc' ? 3 : 2;
}

/** Figures of a small machine, for planning; bench/estimate.mjs compares them with real sweeps. */
const BYTES_PER_SECOND = 2e9;
const SECONDS_PER_RUN = 0.002;
/** The time from the end of one run to the start of the next, when no tracer is attached. */
const SECONDS_BETWEEN = 0.0015;

/**
 * On Linux, a TCP sender whose socket buffer holds at most one message waits before it sends the
 * next one, for an acknowledgement that the receiver delays by 40 ms.
 */
const DELAY_SECONDS = 0.04;
/** No run stalled with messages above this size. */
const LARGEST_DELAYED_BYTES = 16 * 1024;

/** Estimates how long a run takes from its start to its end, in seconds. */
export function runSeconds(
  { cell, traced }: { readonly cell: Cell; readonly traced: boolean },
  { options, timeout, tracer }: SweepCosts,
): number {
  const messages = cell.totalBytes / cell.bufferBytes;
  const perMessage =
    CHANNELS[cell.ipc].secondsPerMessage +
    (isDelayed(cell) && cell.bufferBytes <= LARGEST_DELAYED_BYTES ? DELAY_SECONDS : 0) +
    (traced && tracer ? tracer.messageSeconds : 0);
  const transfer = cell.totalBytes / BYTES_PER_SECOND + messages * perMessage;
  const seconds =
    SECONDS_PER_RUN + options.iterations * (sleepSeconds({ cell, ...options }) + transfer);
  return timeout === 'auto' ? seconds : Math.min(seconds, timeout / 1000);
}

/** Estimates the time between the previous run and this one, and after this one, in seconds. */
export function overheadSeconds(traced: boolean, costs: SweepCosts): number {
  const { tracer, attachPerRun, scriptSeconds } = costs;
  if (!traced) return SECONDS_BETWEEN;
  const attaching = tracer && attachPerRun ? tracer.attachSeconds + tracer.detachSeconds : 0;
  return SECONDS_BETWEEN + scriptSeconds + attaching + (tracer?.runSeconds ?? 0);
}

/** The seconds to attach the tracer before a traced run, or detach it before an untraced one. */
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
/** With small socket buffers, TCP waits for acknowledgements that are delayed. */
const DELAYED_SECONDS_PER_CALL = 0.25;

/** The time after which a run is given up, in ms, unless the spec says; at most a timer's limit. */
export function deadlineMs(shape: RunShape): number {
  const { totalBytes, bufferBytes } = shape.cell;
  const secondsPerCall = isDelayed(shape.cell) ? DELAYED_SECONDS_PER_CALL : SLOW_SECONDS_PER_CALL;
  const transfer = totalBytes / SLOW_BYTES_PER_SECOND + (totalBytes / bufferBytes) * secondsPerCall;
  const seconds = SLOW_SECONDS_PER_RUN + shape.iterations * (sleepSeconds(shape) + transfer);
  return Math.min(LIMITS.timeoutMs, Math.ceil(1000 * seconds));
}
