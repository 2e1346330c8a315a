import type { Screen } from '../../src/cli/terminal.ts';

/** A screen that goes to a file, with block characters. */
export function plainScreen(width: number): Screen {
  return { width, unicode: true, style: (_, text) => text };
}

export const FULL = { controls: true, states: true };
