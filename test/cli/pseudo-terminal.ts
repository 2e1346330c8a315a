import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { MAIN, type Workplace } from './workplace.ts';

const DRIVER = fileURLToPath(new URL('../fixtures/terminal.py', import.meta.url));

/** Why no terminal can be had here; undefined where it can. @throws where it must be had */
export function noTerminal(): string | undefined {
  if (spawnSync('python3', ['-c', 'import pty, termios']).status === 0) return undefined;
  if (process.env.IPC_SWEEP_REQUIRE_REAL === '1') throw new Error('python3 has no pty');
  return 'needs python3 with its pty module';
}

interface Answer {
  /** Whether the terminal's modes are those from before. */
  readonly restored: boolean;
  /** Whether the command is stopped; undefined when it has ended. */
  readonly stopped?: boolean;
  /** How the command ended, or undefined when it has not. */
  readonly code?: number;
}

/** `ipc-sweep` in a terminal of its own. */
export class PseudoTerminal {
  readonly #driver: ChildProcess;
  #written = '';
  #said = '';

  constructor(
    place: Workplace,
    words: readonly string[],
    size: { rows: number; columns: number },
    environment: NodeJS.ProcessEnv = {},
  ) {
    const command = [process.execPath, MAIN, ...words];
    const given = [DRIVER, String(size.rows), String(size.columns), ...command];
    this.#driver = spawn('python3', given, {
      cwd: place.folder,
      env: {
        ...process.env,
        ...{ XDG_CACHE_HOME: place.path('cache'), TERM: 'xterm', LC_ALL: 'C.UTF-8' },
        NO_COLOR: '',
        ...environment,
      },
    });
    this.#driver.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#written += text;
    });
    this.#driver.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#said += text;
    });
  }

  /** All that was written, control sequences included. */
  get written(): string {
    return this.#written;
  }

  /** Lines of the last frame that was drawn to its end: a frame may come in pieces. */
  get shown(): readonly string[] {
    const frames = this.#written.split('\x1b[H');
    const frame = frames.findLast((drawn) => drawn.includes('\x1b[J')) ?? '';
    return stripVTControlCharacters(frame).split(/\r+\n/);
  }

  tell(line: string): void {
    this.#driver.stdin?.write(`${line}\n`);
  }

  async until(condition: (terminal: this) => boolean): Promise<void> {
    while (!condition(this)) {
      if (this.#driver.exitCode !== null)
        throw new Error(`has ended:\n${this.#written}${this.#said}`);
      await sleep(10);
    }
  }

  /** Whether the terminal is as it was. */
  async restored(): Promise<boolean> {
    return (await this.#modes()).restored;
  }

  /** Waits until the command is stopped. @returns whether the terminal is as it was */
  async stopped(): Promise<boolean> {
    for (;;) {
      const { stopped, restored } = await this.#modes();
      if (stopped) return restored;
      await sleep(10);
    }
  }

  async #modes(): Promise<Answer> {
    const before = this.#answers.length;
    this.tell('modes');
    await this.until(() => this.#answers.length > before);
    return this.#answers.at(-1)!;
  }

  /** How the command ended, and in which state it left the terminal. */
  async ended(): Promise<Answer> {
    if (this.#driver.exitCode === null) await once(this.#driver, 'close');
    return this.#answers.at(-1)!;
  }

  /** Ends the command, however it is. */
  close(): void {
    this.#driver.stdin?.end();
  }

  get #answers(): readonly Answer[] {
    return this.#said
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Answer);
  }
}
