/** What tracers, and the system's tools around them, are started with; they live below sbin. */
export function tracerEnvironment(): Readonly<Record<string, string>> {
  return { PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin`, LC_ALL: 'C' };
}
