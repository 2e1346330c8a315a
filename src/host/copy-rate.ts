/** Buffers that fit into the first, the second and the third cache of most processors. */
const SIZES = [16 * 1024, 128 * 1024, 1024 * 1024] as const;
/** A round is as short as a time slice is not, so that some are undisturbed on a busy machine. */
const ROUND_BYTES = 4 * 1024 * 1024;
const ROUNDS = 16;
/**
 * What moves through a channel is copied once at least. Twice what was measured: the processor may
 * run faster later, and one process may copy in while another copies out.
 */
const ALLOWANCE = 2;

let measured: number | undefined;

/**
 * The most that memory can be copied at on this machine, in bytes a second: no channel is faster.
 * Measured once, in some 20 ms.
 */
export function copyLimit(): number {
  measured ??= ALLOWANCE * Math.max(...SIZES.map(fastestCopy));
  return measured;
}

function fastestCopy(bytes: number): number {
  const from = Buffer.alloc(bytes, 1);
  const to = Buffer.alloc(bytes, 2);
  const copies = ROUND_BYTES / bytes;
  let leastNs = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const begin = process.hrtime.bigint();
    for (let n = 0; n < copies; n++) from.copy(to);
    leastNs = Math.min(leastNs, Number(process.hrtime.bigint() - begin));
  }
  return ROUND_BYTES / (Math.max(leastNs, 1) / 1e9);
}
