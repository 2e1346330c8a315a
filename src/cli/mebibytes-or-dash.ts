import { mebibytes as rounded } from '../rounding.ts';

/** A bandwidth for a table, in MiB/s; a dash where there is none. */
export function mebibytesOrDash(bytesPerSecond: number | undefined): string {
  return bytesPerSecond === undefined ? '-' : rounded(bytesPerSecond);
}
