import { type ChildProcess, spawn } from 'node:child_process';
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { parse } from 'csv-parse/sync';

export const MAIN = fileURLToPath(new URL('../../bundle/main.js', import.meta.url));
const PROGRAMS = fileURLToPath(new URL('../fixtures/programs/', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command line that was started and not yet waited for. */
export interface Started {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Waits until stderr holds a text. */
  readonly says: (text: string | RegExp) => Promise<void>;
}

/**
 * A folder of its own in which `ipc-sweep` is run from the build, as a user would, with copies of
 * the fixture programs. Everything that is started there has it as working directory, so that
 * what is left behind can be found.
 */
export class Workplace {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'ipc-sweep-test-')));

  constructor() {
    cpSync(PROGRAMS, this.path('programs'), { recursive: true });
  }

  path(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  write(name: string, text: string | Buffer): string {
    writeFileSync(this.path(name), text);
    return name;
  }

  read(...parts: string[]): string {
    return readFileSync(this.path(...parts), 'utf8');
  }

  /** Writes a spec for an untraced fixture program; `more` is YAML that is added at the end. */
  spec(name: string, program: string, more = ''): string {
    return this.write(
      `${name}.yaml`,
      [
        `name: ${name}`,
        `benchmark: { program: programs/${program}, bare: true }`,
        'trace: { tracer: none }',
        more || 'matrix: { buffer_size: [512, 1KiB], total_size: 4KiB }\ntrials: 2',
        '',
      ].join('\n'),
    );
  }

  start(words: readonly string[], environment: NodeJS.ProcessEnv = {}, main = MAIN): Started {
    const child = spawn(process.execPath, [main, ...words], {
      cwd: this.folder,
      env: { ...process.env, XDG_CACHE_HOME: this.path('cache'), ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const said = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (chunk: string) => {
        said[name] += chunk;
      });
    }
    let closed = false;
    const ended = new Promise<Ended>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => {
        closed = true;
        resolve({ code, signal, ...said });
      });
    });
    const says = async (text: string | RegExp) => {
      while (!(typeof text === 'string' ? said.stderr.includes(text) : text.test(said.stderr))) {
        if (closed) throw new Error(`ended without saying it:\n${said.stderr}`);
        await sleep(5);
      }
    };
    return { process: child, ended, says };
  }

  run(...words: string[]): Promise<Ended> {
    return this.start(words).ended;
  }

  /** Rows of a query on the database, as SQLite gives them. */
  query<Row = Record<string, unknown>>(sql: string, file = 'results/ipc-sweep.db'): Row[] {
    const db = new Database(this.path(file), { readonly: true });
    try {
      return db.prepare(sql).all() as Row[];
    } finally {
      db.close();
    }
  }

  /** A CSV file of the default preset as records. */
  csv(...parts: string[]): Record<string, string>[] {
    return parse(this.read(...parts), { columns: true });
  }

  /** Processes that work in this folder: what a sweep has started and not ended. */
  processes(): string[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((pid) => {
        try {
          if (!readlinkSync(`/proc/${pid}/cwd`).startsWith(this.folder)) return [];
          const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim();
          return [`${pid} ${words}`];
        } catch {
          return [];
        }
      });
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await sleep(10);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
