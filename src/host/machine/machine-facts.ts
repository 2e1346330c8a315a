import { freebsdFacts } from './freebsd.ts';
import { gitState, type User } from './git-state.ts';
import { linuxCpuFacts } from './linux-cpu.ts';
import { linuxSystemFacts } from './linux-system.ts';
import { macosFacts } from './macos.ts';
import type { FactSources, Found, MachineFacts } from './sources.ts';

/** A value is a number, a word or a short list; a longer one is cut. */
const LONGEST_VALUE = 500;

/**
 * Collects what this machine says about itself, once a session; docs/environment.md lists keys,
 * units and sources. Facts that are not known here are left out. It takes as long as its slowest
 * command.
 * @param specFile if undefined, nothing is said about a repository
 */
export async function machineFacts(
  sources: FactSources,
  specFile: string | undefined,
  user: User,
): Promise<MachineFacts> {
  const found = await Promise.all([
    systemFacts(sources),
    specFile === undefined ? [] : gitState(specFile, user),
  ]);
  return new Map(
    found
      .flat()
      .flatMap(([key, value]) =>
        value === undefined || value === '' ? [] : [[key, clean(String(value))] as const],
      ),
  );
}

async function systemFacts(sources: FactSources): Promise<readonly Found[]> {
  switch (sources.platform) {
    case 'linux':
      return [...(await linuxCpuFacts(sources)), ...(await linuxSystemFacts(sources))];
    case 'freebsd':
      return freebsdFacts(sources);
    case 'darwin':
      return macosFacts(sources);
    default:
      return [['page_size_bytes', await sources.ask('getconf', ['PAGESIZE'])]];
  }
}

/** Makes one line of printable text: it is shown on terminals and written into tables. */
function clean(value: string): string {
  return value
    .replace(/[\x00-\x1f\x7f-\x9f]+/g, ' ')
    .trim()
    .slice(0, LONGEST_VALUE);
}
