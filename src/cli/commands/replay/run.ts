import { ExitCode, type ExitCodeValue } from '../../../errors.ts';
import { countsWriter } from '../../../store/counts-writer.ts';
import { openForWriting } from '../../../store/open.ts';
import { rawTraces, type StoredRaw, type StoredScript, scriptsOf } from '../../../store/raw.ts';
import { chooseSweep } from '../../../store/reader.ts';
import { storageError } from '../../../store/storage-errors.ts';
import type { RunCounts } from '../../../trace/counts.ts';
import { countsFromRaw } from '../../../trace/replay.ts';
import { readOutputOf } from '../../../trace/user-scripts/read-output.ts';
import type { ScriptResult } from '../../../trace/user-scripts/user-script.ts';
import { countAndNoun } from '../../count-and-noun.ts';
import { databaseFile } from '../../options.ts';
import type { Terminal } from '../../terminal.ts';
import { printable } from '../../terminal-text.ts';

export interface ReplayArguments {
  readonly sweep: string | undefined;
  readonly results: string;
  readonly db: string | undefined;
}

const SHOWN = 20;

type ReadAgain =
  | {
      readonly state: 'read';
      readonly counts: RunCounts | undefined;
      readonly scripts: readonly Pick<ScriptResult, 'script' | 'output'>[];
    }
  | { readonly state: 'unread'; readonly reason: string };

/**
 * Reads everything that was kept of a run, or nothing, because its counts are replaced together.
 */
function readAgain(
  run: StoredRaw,
  tracer: string,
  scripts: ReadonlyMap<string, StoredScript>,
): ReadAgain {
  let counts: RunCounts | undefined;
  const results: Pick<ScriptResult, 'script' | 'output'>[] = [];
  for (const { script: name, text } of run.traces) {
    const what = name === '' ? 'the trace' : `the output of the script ${name}`;
    if (text === undefined) return unread(`${what} is damaged: it cannot be unpacked`);
    if (name === '') {
      const { pid } = run;
      counts = pid === null ? undefined : countsFromRaw({ ...run, raw: text, pid, tracer });
      if (!counts) return unread(`${what} is not from a tracer that this version can read`);
      continue;
    }
    const script = scripts.get(name);
    if (!script) return unread(`${what} is stored, but the script itself is not`);
    results.push({ script: name, output: readOutputOf(script, text) });
  }
  return { state: 'read', counts, scripts: results };
}

function unread(reason: string): ReadAgain {
  return { state: 'unread', reason };
}

/** Reads the kept tracer output of a sweep again and replaces the rows made from it. */
export function replay(args: ReplayArguments, terminal: Terminal): ExitCodeValue {
  const { db, close } = openForWriting(databaseFile(args));
  try {
    const sweep = chooseSweep(db, args.sweep);
    const scripts = new Map(scriptsOf(db, sweep.id).map((script) => [script.name, script]));
    const writer = countsWriter(db);
    let replayed = 0;
    const left: string[] = [];
    db.transaction(() => {
      for (const stored of rawTraces(db, sweep.id)) {
        const read = readAgain(stored, sweep.tracer, scripts);
        if (read.state === 'unread') {
          left.push(`run ${stored.runId} of ${sweep.name}-${sweep.id}: ${read.reason}`);
          continue;
        }
        writer.erase(stored.runId);
        if (read.counts) writer.writeCounts(stored.runId, read.counts);
        for (const script of read.scripts) writer.writeScript(stored.runId, script);
        replayed++;
      }
    }).immediate();
    terminal.out(`replayed ${countAndNoun(replayed, 'run')} of ${sweep.name}-${sweep.id}`);
    for (const line of left.slice(0, SHOWN)) terminal.talk(printable(line));
    if (left.length > SHOWN) terminal.talk(`... and ${left.length - SHOWN} more`);
    if (left.length === 0) return ExitCode.ok;
    terminal.talk(
      `${countAndNoun(left.length, 'run')} could not be read again: stored counts stay`,
    );
    return ExitCode.runsFailed;
  } catch (error) {
    throw storageError(databaseFile(args), error);
  } finally {
    close();
  }
}
