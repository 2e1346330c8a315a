import type { Cell } from '../experiment/cell.ts';
import { LIMITS } from '../experiment/limits.ts';

export interface RunShape {
  readonly cell: Cell;
  readonly iterations: number;
  readonly bare: boolean;
}

/** Seconds that the benchmark sleeps in one iteration, from its description. */
export function sleepSeconds(shape: RunShape): number {
  if (shape.bare) return 0;
  return shape.cell.mode === '2proc' ? 3 : 2;
}

/** Cautious figures for a small machine; an estimate, not a promise. */
const BYTES_PER_SECOND = 1e9;
const SECONDS_PER_CALL = 2e-6;
const SECONDS_PER_RUN = 0.03;

/** What a run should take, in seconds. */
export function estimateSeconds(shape: RunShape): number {
  const { totalBytes, bufferBytes } = shape.cell;
  const transfer = totalBytes / BYTES_PER_SECOND + (totalBytes / bufferBytes) * SECONDS_PER_CALL;
  return SECONDS_PER_RUN + shape.iterations * (sleepSeconds(shape) + transfer);
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
  const delayed = shape.cell.ipc === 'tcp' && shape.cell.socketBuffers;
  const secondsPerCall = delayed ? DELAYED_SECONDS_PER_CALL : SLOW_SECONDS_PER_CALL;
  const transfer = totalBytes / SLOW_BYTES_PER_SECOND + (totalBytes / bufferBytes) * secondsPerCall;
  const seconds = SLOW_SECONDS_PER_RUN + shape.iterations * (sleepSeconds(shape) + transfer);
  return Math.min(LIMITS.timeoutMs, Math.ceil(1000 * seconds));
}
