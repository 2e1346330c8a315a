import { z } from 'zod';
import { AXIS, type AxisValue, CHANNELS, type MatrixAxisName } from '../experiment/axes.ts';
import { type Cell, cellOfValues } from '../experiment/cell.ts';
import { LIMITS } from '../experiment/limits.ts';
import { MOST_VALUES } from './json.ts';
import {
  type BenchmarkFact,
  jsonOf,
  readConfiguration,
  readOutput,
  type Sample,
} from './output.ts';
import { PRINTED_AXES } from './printed-axes.ts';

/** A run as its own document describes it; it does not tell whether `-B` and `-s` were given. */
export type ImportedDocument =
  | {
      readonly state: 'run';
      readonly cell: Cell;
      readonly samples: readonly Sample[];
      /** The facts that it states about the machine, each key once. */
      readonly facts: readonly BenchmarkFact[];
    }
  | { readonly state: 'unreadable'; readonly reason: string };

const bytes = (most: number) =>
  z
    .int({ error: `a whole number from 1 to ${most}` })
    .min(1)
    .max(most);

function valueSchema(axis: MatrixAxisName): z.ZodType<AxisValue> {
  const own = AXIS[axis];
  if (own.kind === 'size') return bytes(own.most);
  return own.kind === 'word' ? z.enum(own.words) : z.boolean();
}

const configuration = z.looseObject({
  ...(Object.fromEntries(PRINTED_AXES.map(({ axis, key }) => [key, valueSchema(axis)])) as Readonly<
    Record<string, z.ZodType<AxisValue>>
  >),
  iterations: bytes(LIMITS.iterations),
});

const document = z.looseObject({ benchmark_configuration: z.unknown().optional() });

/** @param text one document that the benchmark printed with `-j -v` */
export function readImported(text: string, socketBuffers: boolean): ImportedDocument {
  const read = jsonOf(text);
  const json = document.safeParse(read.state === 'json' ? read.value : undefined);
  if (!json.success) {
    return unreadable(
      read.state === 'too-large' ? `it has more than ${MOST_VALUES} values` : 'it is not JSON',
    );
  }
  const { benchmark_configuration: configured } = json.data;
  if (configured === undefined) {
    return unreadable('it has no benchmark_configuration: the benchmark was run without -v');
  }
  const parsed = configuration.safeParse(configured);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return unreadable(`benchmark_configuration.${issue?.path.join('.')}: ${issue?.message}`);
  }
  const { iterations, ...printed } = parsed.data;
  const stated = new Map(PRINTED_AXES.map(({ axis, key }) => [axis, printed[key] as AxisValue]));
  const cell = cellOfValues((axis) => stated.get(axis as MatrixAxisName));
  const { bufferBytes, totalBytes } = cell;
  if (totalBytes % bufferBytes !== 0) {
    return unreadable(`its total ${totalBytes} is no multiple of its buffer ${bufferBytes}`);
  }
  if (!('benchmark_samples' in json.data)) {
    return unreadable('it has no benchmark_samples: the run had failed');
  }
  const output = readOutput(text, { iterations, totalBytes });
  if (output.state === 'unreadable') return output;
  const once = new Map(readConfiguration(text).map((fact) => [fact.key, fact]));
  return {
    state: 'run',
    cell: { ...cell, socketBuffers: socketBuffers && CHANNELS[cell.ipc].hasSockets },
    samples: output.samples,
    facts: [...once.values()],
  };
}

function unreadable(reason: string): ImportedDocument {
  return { state: 'unreadable', reason };
}
