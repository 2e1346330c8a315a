/**
 * Names the options that a spec has set for a tracer, for messages about problems that they may
 * have caused. Undefined when it has set none.
 */
export function namedOptions(options: Readonly<Record<string, string>>): string | undefined {
  const set = Object.entries(options).map(([name, value]) => `${name}: ${value}`);
  return set.length === 0 ? undefined : `the spec sets trace.options { ${set.join(', ')} }`;
}
