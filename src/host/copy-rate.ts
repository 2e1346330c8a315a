import { fileURLToPath } from 'node:url';
import { buildProgram } from './build.ts';
import type { Host } from './host.ts';
import { runSmall } from './run-small.ts';

const SOURCE = fileURLToPath(new URL('./copy-rate.c', import.meta.url));
/**
 * What moves through a channel is copied once at least. Twice what was measured: the processor may
 * run faster later, and one process may copy in while another copies out.
 */
const ALLOWANCE = 2;

/**
 * The most that memory can be copied at on a host, in bytes a second: no channel is faster.
 * @returns undefined where it cannot be measured
 */
export async function copyLimit(host: Host): Promise<number | undefined> {
  const program = await buildProgram(host, SOURCE, 'copy-rate');
  const { ok, stdout } = await runSmall(host, { words: [program] });
  const rate = Number(stdout);
  return ok && rate > 0 ? ALLOWANCE * rate : undefined;
}
