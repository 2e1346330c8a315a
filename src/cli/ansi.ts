/** The control sequences used here (ECMA-48, and private modes that every terminal knows). */
export const ANSI = {
  /** Returns to the first column and clears the line. */
  emptyLine: '\r\x1b[K',
  home: '\x1b[H',
  /** These clear from the cursor to the end of the line, and to the end of the screen. */
  clearRest: '\x1b[K',
  clearBelow: '\x1b[J',
  hideCursor: '\x1b[?25l',
  showCursor: '\x1b[?25h',
  /** Switches to an alternate screen; the previous content comes back on leaving. */
  enterScreen: '\x1b[?1049h',
  leaveScreen: '\x1b[?1049l',
} as const;
