import type { Host } from '../../../host/host.ts';
import { currentUser } from '../../../host/machine/git-state.ts';
import { machineFacts } from '../../../host/machine/machine-facts.ts';
import { sourcesOf } from '../../../host/machine/sources.ts';
import { tuneHints } from '../../../host/tune/hints.ts';
import { tunableSettings } from '../../../host/tune/settings.ts';
import type { HostReport } from '../../../report/json/doctor-schema.ts';
import { alignColumns } from '../../print-table.ts';
import type { Terminal } from '../../terminal.ts';

/**
 * Shows what `run --tune` would set here, and what else would make figures steadier. Changes
 * nothing.
 * @returns the part of the JSON document; with `json`, nothing is printed
 */
export async function doctorTune(
  args: { readonly json: boolean },
  host: Host,
  terminal: Terminal,
): Promise<HostReport> {
  const user = currentUser(process.env, process.geteuid?.());
  const sources = sourcesOf(host);
  const settings = await tunableSettings(sources);
  const hints = tuneHints(await machineFacts(sources, undefined, user), sources.platform);
  if (args.json) return { settings, hints };
  if (settings.length === 0) terminal.out('`run --tune` can set nothing on this machine');
  else {
    const rows = settings.map(({ name, where, now, tuned, changes }) => [
      name,
      now,
      changes.length > 0 ? tuned : `${tuned} (already so)`,
      where,
    ]);
    const header = ['setting', 'now', '`run --tune` sets', 'where'];
    for (const line of alignColumns(header, rows, [])) terminal.out(line);
    terminal.out('needs root; everything is put back when the sweep ends, however it ends');
  }
  terminal.out('\nnever set by ipc-sweep:');
  for (const { code, message } of hints) terminal.out(`  ${code}: ${message}`);
  return { settings, hints };
}
