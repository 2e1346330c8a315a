import { createHash } from 'node:crypto';
import { decoded } from '../benchmark/decoded.ts';
import { type ImportedDocument, readImported } from '../benchmark/imported.ts';
import { readNotebook } from '../benchmark/notebook.ts';
import { PRINTED_AXES } from '../benchmark/printed-axes.ts';
import { UserError } from '../errors.ts';
import { valueOn } from '../experiment/cell.ts';
import { readAtMost } from '../experiment/read-at-most.ts';
import type { ImportedRun } from '../store/import-writer.ts';
import { countAndNoun } from './count-and-noun.ts';

/** Notebooks contain pictures; the benchmark's output is a thousandth of this size. */
const FILE_BYTES = 32 * 1024 ** 2;

export interface Imports {
  /** Identifies the measurements, whatever files they are in and in whatever order. */
  readonly identity: string;
  readonly runs: readonly ImportedRun[];
  /** Anything that could not be read, with file and place. */
  readonly problems: readonly string[];
  /** Documents with the same measurements as an earlier one; these count only once. */
  readonly repeated: readonly string[];
}

export interface ImportSettings {
  /** Whether the runs over sockets were made with `-s`. */
  readonly socketBuffers: boolean;
  /** Whether each iteration is stored as a run, the first of several as warm-up. */
  readonly iterationsAsRuns: boolean;
}

/** @throws UserError when a file cannot be read */
export function readImports(files: readonly string[], settings: ImportSettings): Imports {
  const runs: ImportedRun[] = [];
  const problems: string[] = [];
  const repeated: string[] = [];
  /** The place where the measurements of each document were first found. */
  const places = new Map<string, string>();
  for (const file of files) {
    const notebook = readNotebook(decoded(readFile(file)));
    if (notebook.state === 'unreadable') {
      problems.push(`${file}: ${notebook.reason}`);
      continue;
    }
    for (const [at, document] of notebook.documents.entries()) {
      const where = `${file}: document ${at + 1} (${document.place})`;
      const read =
        document.state === 'found'
          ? readImported(document.text, settings.socketBuffers)
          : { state: 'unreadable' as const, reason: 'it is cut off, or nested too deep' };
      if (read.state === 'unreadable') {
        problems.push(`${where}: ${read.reason}`);
        continue;
      }
      const measured = measurementsOf(read);
      const twin = places.get(measured);
      if (twin !== undefined) {
        repeated.push(`${where}: the same measurements as in ${twin}`);
        continue;
      }
      const first = runs[0]?.samples.length;
      if (first !== undefined && read.samples.length !== first && !settings.iterationsAsRuns) {
        problems.push(
          `${where}: it has ${countAndNoun(read.samples.length, 'iteration')}, but those before it have ${first}: all runs of a sweep must have the same number`,
        );
        continue;
      }
      places.set(measured, where);
      if (settings.iterationsAsRuns) for (const run of iterationsOf(read)) runs.push(run);
      else runs.push({ ...read, warmup: false });
    }
  }
  const contents = ['import-notebook', ...[...places.keys()].sort()];
  return { identity: sha256(contents), runs, problems, repeated };
}

type ReadDocument = ImportedDocument & { readonly state: 'run' };

/**
 * Identifies a document by what was run and measured: a notebook that was saved again, or a cell
 * that both prints and shows a document, counts as one measurement.
 */
function measurementsOf({ cell, samples }: ReadDocument): string {
  const values = PRINTED_AXES.map(({ axis }) => valueOn(cell, axis));
  const numbers = samples.map(({ counters, ...sample }) =>
    Object.entries({ ...sample, ...(counters && Object.fromEntries(counters)) }).sort(),
  );
  return sha256([...values, ...numbers]);
}

function sha256(value: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}

function* iterationsOf(document: ReadDocument): Generator<ImportedRun> {
  const { samples } = document;
  for (const [at, sample] of samples.entries()) {
    const warmup = at === 0 && samples.length > 1;
    yield { ...document, warmup, samples: [{ ...sample, iteration: 1 }] };
  }
}

function readFile(file: string): Buffer {
  let bytes: Buffer;
  try {
    bytes = readAtMost(file, FILE_BYTES + 1);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'there is no such file' : message;
    throw new UserError(`cannot read ${file}: ${reason}`);
  }
  if (bytes.length > FILE_BYTES) {
    throw new UserError(`${file} is too long: expected at most ${FILE_BYTES} bytes`, {
      hint: 'save what the benchmark printed alone, without pictures',
    });
  }
  return bytes;
}
