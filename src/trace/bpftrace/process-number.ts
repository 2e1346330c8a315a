/**
 * A process as the bpftrace programs number it: its pid, and above it the image it is in. Each exec
 * of a run's root begins a new image. A plain pid is one without an image.
 */
export function processOf(number: number): { readonly pid: number; readonly image?: number } {
  const image = Math.floor(number / 2 ** 32);
  return image === 0 ? { pid: number } : { pid: number % 2 ** 32, image };
}
