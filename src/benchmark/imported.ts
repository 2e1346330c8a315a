import { z } from 'zod';
import { type Cell, IPC_TYPES, MODES } from '../experiment/cell.ts';
import { LIMITS } from '../experiment/limits.ts';
import { MOST_VALUES } from './json.ts';
import {
  type BenchmarkFact,
  jsonOf,
  readConfiguration,
  readOutput,
  type Sample,
} from './output.ts';

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

const configuration = z.looseObject({
  buffersize: bytes(LIMITS.bufferBytes),
  totalsize: bytes(LIMITS.totalBytes),
  mode: z.enum(MODES),
  ipctype: z.enum(IPC_TYPES),
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
  const { benchmark_configuration: stated } = json.data;
  if (stated === undefined) {
    return unreadable('it has no benchmark_configuration: the benchmark was run without -v');
  }
  const parsed = configuration.safeParse(stated);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return unreadable(`benchmark_configuration.${issue?.path.join('.')}: ${issue?.message}`);
  }
  const { buffersize, totalsize, mode, ipctype: ipc, iterations } = parsed.data;
  if (totalsize % buffersize !== 0) {
    return unreadable(`its total ${totalsize} is no multiple of its buffer ${buffersize}`);
  }
  if (!('benchmark_samples' in json.data)) {
    return unreadable('it has no benchmark_samples: the run had failed');
  }
  const output = readOutput(text, { iterations, totalBytes: totalsize });
  if (output.state === 'unreadable') return output;
  const once = new Map(readConfiguration(text).map((fact) => [fact.key, fact]));
  const cell = { ipc, mode, bufferBytes: buffersize, totalBytes: totalsize };
  return {
    state: 'run',
    cell: { ...cell, socketBuffers: socketBuffers && ipc !== 'pipe' },
    samples: output.samples,
    facts: [...once.values()],
  };
}

function unreadable(reason: string): ImportedDocument {
  return { state: 'unreadable', reason };
}
