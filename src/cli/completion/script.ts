import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** Returns the completion script for the user's shell; that of bash for any other one. */
export function completionScript(environment: NodeJS.ProcessEnv): string {
  const shell = SHELLS.find((name) => name === basename(environment.SHELL ?? '')) ?? 'bash';
  return readFileSync(new URL(`./ipc-sweep.${shell}`, import.meta.url), 'utf8');
}
