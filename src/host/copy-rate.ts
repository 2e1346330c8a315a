import { fileURLToPath } from 'node:url';
import { buildProgram } from './build.ts';
import type { Host } from './host.ts';
import { runSmall } from './run-small.ts';

const SOURCE = fileURLToPath(new URL('./copy-rate.c', import.meta.url));
/**
 * Everything that moves through a channel is copied at least once. The limit is twice the measured
 * rate, because the processor may run faster later, and one process may copy in while another
 * copies out.
 */
const ALLOWANCE = 2;

/**
 * Returns the highest rate at which a host can copy memory, in bytes per second; no channel is
 * faster.
 * @returns undefined when it cannot be measured
 */
export async function copyLimit(host: Host): Promise<number | undefined> {
  const program = await buildProgram(host, SOURCE, 'copy-rate');
  const { ok, stdout } = await runSmall(host, { words: [program] });
  const rate = Number(stdout);
  return ok && rate > 0 ? ALLOWANCE * rate : undefined;
}
