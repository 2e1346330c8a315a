import { fileURLToPath } from 'node:url';
import { buildProgram } from '../host/build.ts';
import type { Host } from '../host/host.ts';

const SOURCE = fileURLToPath(new URL('./ipc-benchmark.c', import.meta.url));

/** The bundled benchmark. @returns its absolute path on the host @throws as {@link buildProgram} */
export function buildBundled(host: Host): Promise<string> {
  return buildProgram(host, SOURCE, 'ipc-benchmark');
}
