/** Block characters, each an eighth of a column wider than the one before. */
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'] as const;

/**
 * Draws a bar for a share from 0 to 1 of a number of columns, in steps of an eighth of a column, or
 * of a whole one in ASCII. A non-zero share draws at least one step.
 */
export function bar(share: number, columns: number, unicode: boolean): string {
  const steps = unicode ? 8 : 1;
  const within = Math.min(1, Math.max(0, Number.isFinite(share) ? share : 0));
  const rounded = Math.round(within * columns * steps);
  const filled = within > 0 ? Math.max(1, rounded) : 0;
  if (!unicode) return '#'.repeat(filled);
  return '█'.repeat(Math.floor(filled / 8)) + EIGHTHS[filled % 8];
}
