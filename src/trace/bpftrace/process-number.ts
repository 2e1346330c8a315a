/**
 * Reads a process number of the bpftrace programs: the low part is the pid, the high part the image
 * that the process is in. Each exec of a run's root begins a new image. A plain pid has no image.
 */
export function processOf(number: number): { readonly pid: number; readonly image?: number } {
  const image = Math.floor(number / 2 ** 32);
  return image === 0 ? { pid: number } : { pid: number % 2 ** 32, image };
}
