import { createInterface } from 'node:readline/promises';
import { UserError } from '../errors.ts';
import type { Terminal } from './terminal.ts';
import { printable } from './terminal-text.ts';

/**
 * Asks a person at the terminal.
 * @returns whether the answer is yes
 * @throws UserError when there is no terminal on which somebody could answer
 */
export async function confirm(question: string, { interactive }: Terminal): Promise<boolean> {
  if (!interactive || process.stdin.isTTY !== true) {
    throw new UserError(`there is no terminal on which to ask: ${question}`, {
      hint: 'pass --yes if you are sure',
    });
  }
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await lines.question(`${printable(question)} [y/N] `);
    return /^\s*y(es)?\s*$/i.test(answer);
  } finally {
    lines.close();
  }
}
