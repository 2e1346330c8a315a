import { ExitCode, type ExitCodeValue } from '../../errors.ts';
import { countsWriter } from '../../store/counts-writer.ts';
import { openForWriting } from '../../store/open.ts';
import { rawTraces, type StoredRaw, scriptsOf } from '../../store/raw.ts';
import { chooseSweep } from '../../store/reader.ts';
import { storageError } from '../../store/storage-errors.ts';
import { countsFromRaw } from '../../trace/replay.ts';
import { readOutputOf } from '../../trace/user-scripts/read-output.ts';
import { counted } from '../counted.ts';
import { databaseFile } from '../options.ts';
import type { Terminal } from '../terminal.ts';

export interface ReplayArguments {
  readonly sweep: string | undefined;
  readonly results: string;
  readonly db: string | undefined;
}

/** Reads the kept tracer output of a sweep again and replaces the rows made from it. */
export function replay(args: ReplayArguments, terminal: Terminal): ExitCodeValue {
  const { db, close } = openForWriting(databaseFile(args));
  try {
    const sweep = chooseSweep(db, args.sweep);
    const scripts = new Map(scriptsOf(db, sweep.id).map((script) => [script.name, script]));
    const writer = countsWriter(db);
    const erased = new Set<number>();
    let unread = 0;
    const replayOne = (stored: StoredRaw) => {
      if (!erased.has(stored.runId)) writer.erase(stored.runId);
      erased.add(stored.runId);
      const { text: raw, pid } = stored;
      if (stored.script === '') {
        const counts =
          pid === null ? undefined : countsFromRaw({ ...stored, raw, pid, tracer: sweep.tracer });
        if (counts) writer.writeCounts(stored.runId, counts);
        else unread++;
        return;
      }
      const script = scripts.get(stored.script);
      if (!script) {
        unread++;
        return;
      }
      const output = readOutputOf(script, raw);
      writer.writeScript(stored.runId, { script: script.name, output });
    };
    db.transaction(() => {
      for (const stored of rawTraces(db, sweep.id)) replayOne(stored);
    }).immediate();
    terminal.out(`replayed ${counted(erased.size, 'run')} of ${sweep.name}-${sweep.id}`);
    if (unread > 0) terminal.talk(`${counted(unread, 'raw trace')} could not be read again`);
    return unread > 0 ? ExitCode.runsFailed : ExitCode.ok;
  } catch (error) {
    throw storageError(databaseFile(args), error);
  } finally {
    close();
  }
}
