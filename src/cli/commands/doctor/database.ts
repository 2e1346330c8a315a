import { dirname } from 'node:path';
import { ExitCode, type ExitCodeValue, UserError } from '../../../errors.ts';
import type { DoctorDatabaseDocument } from '../../../report/json/doctor-schema.ts';
import { documentHead } from '../../../report/json/document-head.ts';
import { findDamage, recover } from '../../../store/integrity.ts';
import { openForReading, requireDatabase } from '../../../store/open.ts';
import { countAndNoun } from '../../count-and-noun.ts';
import { databaseFile } from '../../options.ts';
import { Ownership } from '../../ownership.ts';
import { printJson } from '../../print-json.ts';
import type { Terminal } from '../../terminal.ts';

/** Checks a database and saves what can be read of a damaged one. Exit 1 if it is damaged. */
export function doctorDatabase(
  args: { readonly db: string; readonly json: boolean },
  terminal: Terminal,
): ExitCodeValue {
  const file = databaseFile({ db: args.db, results: '' });
  requireDatabase(file);
  const damage = findDamage(file);
  if (damage.length === 0) {
    // A database that SQLite finds intact may still contain values that ipc-sweep never writes.
    openForReading(file).close();
    if (args.json) printJson(report(file, damage, null), terminal);
    else terminal.out(`${file} is whole`);
    return ExitCode.ok;
  }
  const target = `${file}.recovered`;
  const owner = new Ownership(process.env, process.geteuid?.());
  owner.folder(dirname(target));
  owner.file(target);
  const recovery = recover(file, target);
  owner.handBack();
  if (args.json)
    printJson(report(file, damage, recovery.state === 'saved' ? target : null), terminal);
  else for (const line of [`${file} is damaged:`, ...damage]) terminal.out(line);
  if (recovery.state === 'saved') {
    terminal.talk(
      `saved what can be read: ${countAndNoun(recovery.sweeps, 'sweep')}, ${countAndNoun(recovery.runs, 'run')} in ${target}; go on with --db ${target}`,
    );
    return ExitCode.runsFailed;
  }
  const [why, hint] = WHY[recovery.reason];
  throw new UserError(`${file} is damaged and nothing was saved: ${why(target)}`, {
    hint,
    exitCode: ExitCode.machine,
  });
}

const WHY = {
  taken: [
    (target: string) => `${target} is there already`,
    'it may hold what was saved before; rename it and try again',
  ],
  nothing: [
    () => 'no sweep in it can be read',
    'is it a database of ipc-sweep? `run` starts a new one with another --db',
  ],
} as const;

function report(
  file: string,
  damage: readonly string[],
  recovered: string | null,
): DoctorDatabaseDocument {
  return {
    ...documentHead('doctor'),
    ...{ database: file, whole: damage.length === 0, damage, recovered },
  };
}
