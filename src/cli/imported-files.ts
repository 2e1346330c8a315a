import { createHash } from 'node:crypto';
import { decoded } from '../benchmark/decoded.ts';
import { type ImportedDocument, readImported } from '../benchmark/imported.ts';
import { readNotebook } from '../benchmark/notebook.ts';
import { UserError } from '../errors.ts';
import { readAtMost } from '../experiment/read-at-most.ts';
import type { ImportedRun } from '../store/import-writer.ts';

/** Notebooks hold pictures; what the benchmark prints is a thousandth of this. */
const FILE_BYTES = 32 * 1024 ** 2;

export interface Imports {
  /** The same for the same contents, whatever the files are called. */
  readonly identity: string;
  readonly runs: readonly ImportedRun[];
  /** What could not be read, with file and place. */
  readonly problems: readonly string[];
}

export interface ImportSettings {
  /** The runs over sockets were made with `-s`. */
  readonly socketBuffers: boolean;
  /** Each iteration counts as a run, the first of several as warm-up. */
  readonly iterationsAsRuns: boolean;
}

/** @throws UserError when a file is not to be read, or is named twice */
export function readImports(files: readonly string[], settings: ImportSettings): Imports {
  const runs: ImportedRun[] = [];
  const problems: string[] = [];
  const hashes = new Map<string, string>();
  for (const file of files) {
    const bytes = readFile(file);
    const hash = createHash('sha256').update(bytes).digest('hex');
    const twin = hashes.get(hash);
    if (twin !== undefined) throw new UserError(`${file} holds the same as ${twin}`);
    hashes.set(hash, file);
    const notebook = readNotebook(decoded(bytes));
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
      const first = runs[0]?.samples.length;
      if (read.state === 'unreadable') problems.push(`${where}: ${read.reason}`);
      else if (first !== undefined && read.samples.length !== first && !settings.iterationsAsRuns) {
        problems.push(
          `${where}: it has ${read.samples.length} iterations, those before it ${first}: a sweep has one number of them`,
        );
      } else if (settings.iterationsAsRuns) runs.push(...iterationsOf(read));
      else runs.push({ ...read, warmup: false });
    }
  }
  const contents = ['import-notebook', ...[...hashes.keys()].sort()];
  const identity = createHash('sha256').update(JSON.stringify(contents)).digest('hex');
  return { identity, runs, problems };
}

function* iterationsOf(document: ImportedDocument & { state: 'run' }): Generator<ImportedRun> {
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
