import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { setImmediate as setImmediatePromise } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { TracerProcess } from '../../src/trace/session/start-tracer.ts';

const PROGRAM = fileURLToPath(new URL('../fixtures/tracers/replaying-tracer.mjs', import.meta.url));

/**
 * The steps of a stand-in tracer, one after the other; see fixtures/tracers/replaying-tracer.mjs.
 */
export type Step =
  | { readonly out: string }
  | { readonly err: string }
  | { readonly wait: number }
  | { readonly told: string }
  | { readonly exit: number }
  | { readonly signal: NodeJS.Signals }
  | { readonly stubborn: true };

export interface StandIn {
  readonly process: TracerProcess;
  /** Undefined for one in this process. */
  readonly pid: number | undefined;
  /** Tells the tracer that a run has begun, or asks it for its counts. */
  readonly tell: (word: string) => void;
  /** Ends it, whatever it does. */
  readonly end: () => void;
}

export function out(text: string | Buffer): Step {
  return { out: Buffer.from(text).toString('base64') };
}

/** Plays the steps in this process, through streams: thousands of times a minute. */
export function playHere(steps: readonly Step[], lifeMs = 60_000): StandIn {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const told: string[] = [];
  let hear = () => {};
  let over = false;
  let finish: (result: { exitCode?: number; signal?: NodeJS.Signals }) => void = () => {};
  const ended = new Promise<{ exitCode?: number; signal?: NodeJS.Signals }>((resolve) => {
    finish = (result) => {
      if (over) return;
      over = true;
      clearTimeout(life);
      hear();
      stdout.end();
      stderr.end();
      // As execa does it: the end is told when everything that was said has been read.
      stdout.once('close', () => resolve(result));
    };
  });
  const life = setTimeout(() => finish({ signal: 'SIGTERM' }), lifeMs);
  const play = async () => {
    for (const step of steps) {
      if (over) return;
      if ('out' in step) stdout.write(Buffer.from(step.out, 'base64'));
      if ('err' in step) stderr.write(step.err);
      if ('wait' in step) await new Promise((resolve) => setTimeout(resolve, step.wait));
      if ('exit' in step) finish({ exitCode: step.exit });
      if ('signal' in step) finish({ signal: step.signal });
      while ('told' in step && !told.includes(step.told) && !over) {
        await new Promise<void>((resolve) => {
          hear = resolve;
        });
      }
      if ('told' in step) told.splice(told.indexOf(step.told), 1);
    }
  };
  void play();
  return {
    pid: undefined,
    // biome-ignore lint/suspicious/noThenProperty: as execa's result, which is a promise too.
    process: { stdout, stderr, then: ended.then.bind(ended), order: () => {} },
    tell: (word) => {
      told.push(word);
      hear();
    },
    end: () => finish({ signal: 'SIGTERM' }),
  };
}

/** Plays the steps in a process of its own, as a real tracer is started. */
export function playThere(steps: readonly Step[]): StandIn {
  const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-stand-in-'));
  const file = join(folder, 'script.json');
  writeFileSync(file, JSON.stringify(steps));
  const child = execa(process.execPath, [PROGRAM, file], {
    buffer: false,
    reject: false,
    detached: true,
  });
  child.stdin.on('error', () => {});
  child.finally(() => rmSync(folder, { recursive: true, force: true }));
  return {
    pid: child.pid,
    process: Object.assign(child, {
      order: (signal: NodeJS.Signals) => {
        try {
          process.kill(-child.pid!, signal);
        } catch {
          // It has ended.
        }
      },
    }),
    tell: (word) => child.stdin.write(`${word}\n`),
    end: () => child.kill('SIGKILL'),
  };
}

/** A tracer without steps: the test says what it prints, which is read at once, and how it ends. */
export function tracerByHand() {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const signals: string[] = [];
  type End = { readonly exitCode?: number; readonly signal?: string; readonly message?: string };
  let end: (result: End) => void = () => {};
  const ended = new Promise<End>((resolve) => {
    end = resolve;
  });
  const lines = (texts: readonly string[]) => texts.map((text) => `${text}\n`).join('');
  const process: TracerProcess = {
    ...{ stdout, stderr, order: (signal) => signals.push(signal) },
    // biome-ignore lint/suspicious/noThenProperty: a process is waited for like a promise.
    then: ended.then.bind(ended),
  };
  return {
    process,
    /** The signals that it got, to which it does not listen. */
    signals,
    print: (...texts: readonly string[]) => void stdout.emit('data', lines(texts)),
    complain: (...texts: readonly string[]) => void stderr.emit('data', lines(texts)),
    end,
  };
}

/**
 * Returns what a promise has become without a wait for anything outside of this process: everything
 * that it needs is there already, or it `waits`.
 */
export async function atOnce<T>(promise: Promise<T>): Promise<T | 'waits'> {
  let found: T | 'waits' = 'waits';
  promise.then(
    (value) => {
      found = value;
    },
    () => {},
  );
  for (let turn = 0; turn < 20; turn++) await setImmediatePromise();
  return found;
}
