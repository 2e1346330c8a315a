import { fileURLToPath } from 'node:url';
import { buildProgram } from '../host/build.ts';

const SOURCE = fileURLToPath(new URL('./ipc-benchmark.c', import.meta.url));

/** The bundled benchmark. @returns its absolute path @throws as {@link buildProgram} */
export function buildBundled(cacheDir: string): Promise<string> {
  return buildProgram(SOURCE, 'ipc-benchmark', cacheDir);
}
