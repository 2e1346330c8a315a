/** A bandwidth for a table: whole MiB/s from 100, three digits below. */
export function mebibytes(bytesPerSecond: number | undefined): string {
  if (bytesPerSecond === undefined) return '-';
  const rate = bytesPerSecond / 1024 ** 2;
  return rate >= 100 ? rate.toFixed(0) : rate.toPrecision(3);
}
