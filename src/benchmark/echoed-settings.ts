import { type Cell, valueOn } from '../experiment/cell.ts';
import { jsonOf } from './output.ts';
import { PRINTED_AXES } from './printed-axes.ts';

/** A setting that a benchmark reports under `-v`, and the one it was asked for. */
export interface EchoDifference {
  readonly key: string;
  readonly said: string;
  readonly asked: string;
}

/**
 * Pure function: compares the configuration that a benchmark prints with what it was asked for.
 * @returns an empty list when it prints none
 */
export function echoDifferences(
  stdout: string,
  cell: Cell,
  iterations: number,
): readonly EchoDifference[] {
  // Most benchmarks print none, and the document is not parsed again just for that.
  if (!stdout.includes('"benchmark_configuration"')) return [];
  const json = jsonOf(stdout);
  if (json.state !== 'json') return [];
  const said = (json.value as { benchmark_configuration?: unknown } | null)
    ?.benchmark_configuration;
  if (typeof said !== 'object' || said === null) return [];
  const asked = {
    ...Object.fromEntries(PRINTED_AXES.map(({ axis, key }) => [key, valueOn(cell, axis)])),
    msgcount: cell.totalBytes / cell.bufferBytes,
    iterations,
  };
  return Object.entries(asked).flatMap(([key, wanted]) => {
    const value = (said as Record<string, unknown>)[key];
    if (value === undefined || String(value) === String(wanted)) return [];
    return [{ key, said: JSON.stringify(value).slice(0, 80), asked: String(wanted) }];
  });
}
