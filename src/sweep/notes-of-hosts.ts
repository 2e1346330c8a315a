import type { Missing } from './missing.ts';
import type { PreparedHost } from './prepare-host.ts';

type HostNotes = Pick<PreparedHost, 'notes' | 'missing'> & {
  readonly host: Pick<PreparedHost['host'], 'name'>;
};

/**
 * Notes about parts of the spec that are carried out differently: each sentence once, with the
 * hosts if it does not apply to all.
 */
export function notesOfAll(hosts: readonly HostNotes[]): readonly string[] {
  return sentences(hosts, ({ notes }) => notes);
}

/** Things that are missing on any host: each once, with the hosts if it is not all of them. */
export function missingOnAny(hosts: readonly HostNotes[]): readonly Missing[] {
  const names = new Set(hosts.flatMap(({ missing }) => missing.map(({ name }) => name)));
  return [...names].map((name) => {
    const reasons = sentences(hosts, ({ missing }) =>
      missing.filter((it) => it.name === name).map(({ reason }) => reason),
    );
    return { name, reason: reasons.join('; ') };
  });
}

function sentences(hosts: readonly HostNotes[], of: (host: HostNotes) => readonly string[]) {
  const saying = new Map<string, string[]>();
  for (const told of hosts) {
    for (const text of new Set(of(told))) {
      saying.set(text, [...(saying.get(text) ?? []), told.host.name]);
    }
  }
  return [...saying].map(([text, names]) =>
    names.length === hosts.length ? text : `${names.join(', ')}: ${text}`,
  );
}
