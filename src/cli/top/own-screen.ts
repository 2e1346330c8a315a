import { ANSI } from '../ansi.ts';
import { showsColour } from '../terminal.ts';
import { fitLine } from '../terminal-text.ts';

export interface OwnScreen {
  readonly draw: (lines: readonly string[]) => void;
  /** Restores the terminal to its previous state. */
  readonly close: () => void;
}

/** The functions that are called for events at the terminal. */
export interface TerminalHandlers {
  /** Called when a key, a signal, or the loss of the terminal asks to end. */
  readonly quit: () => void;
  /** Called when the view must be redrawn: the size has changed, or the program was resumed. */
  readonly redraw: () => void;
}

const QUIT_KEYS = ['q', 'Q', '\x03'];
const SUSPEND_KEY = '\x1a';
const QUIT_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Takes over the terminal: an alternate screen, no cursor, keys read one by one. */
export function ownScreen(
  { stdin, stdout }: NodeJS.Process,
  handlers: TerminalHandlers,
): OwnScreen {
  let entered = false;
  const write = (text: string) => {
    try {
      stdout.write(text);
    } catch {
      // The terminal is gone; its own event quits.
    }
  };
  const raw = (on: boolean) => {
    try {
      if (stdin.isTTY) stdin.setRawMode(on);
    } catch {
      // The same as above.
    }
  };
  const enter = () => {
    if (entered) return;
    entered = true;
    raw(true);
    write(ANSI.enterScreen + ANSI.hideCursor);
  };
  const leave = () => {
    if (!entered) return;
    entered = false;
    write(ANSI.showCursor + ANSI.leaveScreen);
    raw(false);
  };
  const suspend = () => {
    leave();
    process.kill(process.pid, 'SIGSTOP');
  };
  const resume = () => {
    enter();
    handlers.redraw();
  };
  const key = (typed: string) => {
    if (QUIT_KEYS.some((it) => typed.includes(it))) handlers.quit();
    // Sent to the whole job, as the terminal would do.
    else if (typed.includes(SUSPEND_KEY)) process.kill(0, 'SIGTSTP');
  };
  for (const signal of QUIT_SIGNALS) process.on(signal, handlers.quit);
  process.on('SIGTSTP', suspend).on('SIGCONT', resume).on('exit', leave);
  stdout.on('resize', handlers.redraw).on('error', handlers.quit);
  stdin.setEncoding('utf8').on('data', key).on('end', handlers.quit).on('error', handlers.quit);
  enter();
  return {
    draw(lines) {
      if (!entered) return;
      const text = lines.map((line) => fitLine(line, showsColour()) + ANSI.clearRest).join('\r\n');
      write(ANSI.home + text + ANSI.clearBelow);
    },
    close() {
      leave();
      for (const signal of QUIT_SIGNALS) process.off(signal, handlers.quit);
      process.off('SIGTSTP', suspend).off('SIGCONT', resume).off('exit', leave);
      stdout.off('resize', handlers.redraw).off('error', handlers.quit);
      stdin.off('data', key).off('end', handlers.quit).off('error', handlers.quit).pause();
    },
  };
}
