import { ownVersion } from '../../own-version.ts';

/** The properties with which a JSON document begins, as `schema-parts.ts` describes them. */
export function documentHead<const Name extends string>(document: Name) {
  return { document, schema_version: 1, ipc_sweep_version: ownVersion() } as const;
}
