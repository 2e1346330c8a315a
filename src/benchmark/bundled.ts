import { fileURLToPath } from 'node:url';
import { buildProgram } from '../host/build.ts';
import type { Host } from '../host/host.ts';

const SOURCE = fileURLToPath(new URL('./ipc-benchmark.c', import.meta.url));

/** Builds the bundled benchmark. @returns its path on the host @throws like {@link buildProgram} */
export async function buildBundled(host: Host): Promise<string> {
  return buildProgram(host, SOURCE, 'ipc-benchmark', (await hasLibpmc(host)) ? WITH_LIBPMC : []);
}

const WITH_LIBPMC = ['-DWITH_LIBPMC', '-lpmc'];

/** FreeBSD may have been installed without its library for hardware counters. */
async function hasLibpmc(host: Host): Promise<boolean> {
  if (host.machine.platform !== 'freebsd') return false;
  const files = await Promise.all(
    ['/usr/include/pmc.h', '/usr/lib/libpmc.so'].map((path) => host.stat(path)),
  );
  return files.every((file) => file !== undefined);
}
