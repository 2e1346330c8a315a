/**
 * The user's own commands around the runs: `setup` before the first run on a host and `cleanup`
 * after the last one; `prepare` before each run and `conclude` after it.
 */
export const HOOKS = ['setup', 'prepare', 'conclude', 'cleanup'] as const;

export type HookName = (typeof HOOKS)[number];

/** One of these commands. */
export interface Hook {
  /** The program and its arguments; no shell reads them. */
  readonly words: readonly string[];
  readonly timeoutMs: number;
}

export type Hooks = Readonly<Partial<Record<HookName, Hook>>>;

/** Returns the commands of a spec that it has. */
export function hooksOf(document: { readonly [Name in HookName]?: Hook | undefined }): Hooks {
  return Object.fromEntries(
    HOOKS.flatMap((name) => (document[name] === undefined ? [] : [[name, document[name]]])),
  );
}
