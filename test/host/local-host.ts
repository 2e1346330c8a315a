import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openHost } from '../../src/host/agent-host.ts';
import type { Host } from '../../src/host/host.ts';

/** This machine, by an agent whose cache is in a folder of its own. */
export interface LocalHost {
  readonly host: Host;
  /** For the test's own files; the cache is in it. */
  readonly folder: string;
  readonly close: () => Promise<void>;
}

export async function localHost(environment: Record<string, string> = {}): Promise<LocalHost> {
  const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-host-'));
  const host = await openHost('local', {
    environment: { ...process.env, XDG_CACHE_HOME: join(folder, 'cache'), ...environment },
  });
  return {
    host,
    folder,
    async close() {
      await host.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
