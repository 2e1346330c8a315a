/** The control sequences that are used (ECMA-48, and private modes that every terminal knows). */
export const ANSI = {
  /** Back to the first column, and away with the line. */
  emptyLine: '\r\x1b[K',
  home: '\x1b[H',
  /** From the cursor to the end of its line, and of the screen. */
  clearRest: '\x1b[K',
  clearBelow: '\x1b[J',
  hideCursor: '\x1b[?25l',
  showCursor: '\x1b[?25h',
  /** A screen of one's own; what was there before comes back when it is left. */
  enterScreen: '\x1b[?1049h',
  leaveScreen: '\x1b[?1049l',
} as const;
