// What scripts beside this one share: the built project, and one run by hand.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

export { printTable } from './print-table.mjs';

const DIST = new URL('../dist/', import.meta.url);
if (!existsSync(new URL('trace/choose.js', DIST))) {
  console.error('nothing is built here: run `npm run build` first');
  process.exit(3);
}
const load = (path) => import(new URL(path, DIST).href);

const { checkConservation } = await load('trace/check.js');
export const { benchmarkArguments } = await load('benchmark/argv.js');
const { buildBundled } = await load('benchmark/bundled.js');
export const { checkTracers } = await load('trace/choose.js');
export const { NO_GUARD } = await load('host/guard.js');

export const BUFFERS = [512, 4096, 16384, 65536, 262144];
export const TOTAL_BYTES = 1024 * 1024;
export const EXECNAME = 'ipc-benchmark';

const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
export const benchmark = await buildBundled(join(cache, 'ipc-sweep'));

/** The value after an option, or what is assumed without it. */
export function option(name, otherwise) {
  const at = process.argv.indexOf(`--${name}`);
  return at === -1 ? otherwise : (process.argv[at + 1] ?? otherwise);
}

/** The tracers that can be used here; only one of them when it is named. */
export async function usableTracers(name) {
  const reports = await checkTracers();
  const wanted = reports.filter(({ tracer }) => name === undefined || tracer.name === name);
  for (const { tracer, availability } of wanted) {
    if (availability.state !== 'usable') console.error(`${tracer.name}: ${availability.reason}`);
  }
  return wanted
    .filter(({ availability }) => availability.state === 'usable')
    .map(({ tracer, availability }) => ({ tracer, version: availability.version }));
}

/** Attaches a tracer with the default instruments, as far as it has them. */
export function open(tracer) {
  const instruments = ['syscalls', 'pipe-states', 'io-sizes'].filter((each) =>
    tracer.instruments.includes(each),
  );
  const request = { execname: EXECNAME, instruments, events: false, options: {} };
  return { instruments, session: tracer.open(request, NO_GUARD) };
}

/**
 * One bare run over a pipe, from its start until its counts are there.
 * @param session undefined for an untraced run
 * @returns milliseconds, and whether its counts are exact, suspect, or wrong and not doubted
 */
export async function oneRun(bufferBytes, session, instruments = []) {
  const cell = {
    ipc: 'pipe',
    mode: '2proc',
    bufferBytes,
    totalBytes: TOTAL_BYTES,
    socketBuffers: false,
  };
  session?.begin();
  const begun = process.hrtime.bigint();
  const options = { bare: true, iterations: 1, rusage: false };
  const command = [benchmark, ...benchmarkArguments(cell, options)];
  const [file, ...words] = session?.wrap?.(command) ?? command;
  const child = spawn(file, words, { stdio: 'ignore', detached: true });
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  if (code !== 0) throw new Error(`the benchmark ended with ${code}`);
  const collected = await session?.collect(child.pid, '2proc');
  const ms = Number(process.hrtime.bigint() - begun) / 1e6;
  if (!collected) return { ms, state: 'untraced', doubts: [] };
  if (collected.state === 'failed') return { ms, state: 'failed', doubts: [collected.reason] };
  const doubts = [
    ...collected.doubts,
    ...checkConservation(collected.counts, { cell, iterations: 1, instruments, events: false }),
  ].filter(({ suspect }) => suspect);
  const bytes = (operation) =>
    collected.counts.ioSizes
      .filter((row) => row.operation === operation)
      .reduce((sum, row) => sum + row.bytes * row.count, 0);
  const writes = collected.counts.syscalls
    .filter(({ role, syscall }) => role === 'sender' && syscall === 'write')
    .reduce((sum, { count }) => sum + count, 0);
  const right =
    bytes('read') === TOTAL_BYTES &&
    bytes('write') === TOTAL_BYTES &&
    writes === TOTAL_BYTES / bufferBytes;
  const state = doubts.length > 0 ? 'suspect' : right ? 'exact' : 'wrong';
  return { ms, state, doubts: doubts.map(({ code, message }) => `${code}: ${message}`) };
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}
