/** Objects whose keys are data: facts of a machine, states of runs, and names of hooks. */
const KEYED_BY_DATA = /\.(facts|environment|runs_by_state|hooks)\.[^[\]]*$/;

/** Lists the properties of a document whose names are not in snake_case. */
export function oddKeysOf(document: unknown): readonly string[] {
  return everyKey(document).filter(
    (key) => !KEYED_BY_DATA.test(key) && !/\.[a-z][a-z0-9_]*$/.test(key),
  );
}

/** The paths of all properties of a document. */
export function everyKey(value: unknown, path = ''): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((item) => everyKey(item, `${path}[]`));
  return Object.entries(value).flatMap(([key, item]) => [
    `${path}.${key}`,
    ...everyKey(item, `${path}.${key}`),
  ]);
}
