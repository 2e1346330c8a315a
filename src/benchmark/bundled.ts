import { fileURLToPath } from 'node:url';
import { buildProgram } from '../host/build.ts';
import type { Host } from '../host/host.ts';

const SOURCE = fileURLToPath(new URL('./ipc-benchmark.c', import.meta.url));

/** Builds the bundled benchmark. @returns its path on the host @throws like {@link buildProgram} */
export function buildBundled(host: Host): Promise<string> {
  return buildProgram(host, SOURCE, 'ipc-benchmark');
}
