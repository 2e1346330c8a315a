// What scripts beside this one share: the built project, this machine's agent, and one run by hand.
import { existsSync } from 'node:fs';

export { printTable } from './print-table.mjs';

const DIST = new URL('../dist/', import.meta.url);
if (!existsSync(new URL('trace/choose.js', DIST))) {
  console.error('nothing is built here: run `npm run build` first');
  process.exit(3);
}
export const load = (path) => import(new URL(path, DIST).href);

const { openHost } = await load('host/agent-host.js');
const { checkConservation } = await load('trace/check.js');
const { benchmarkArguments } = await load('benchmark/argv.js');
const { buildBundled } = await load('benchmark/bundled.js');
const { checkTracers } = await load('trace/choose.js');

export const BUFFERS = [512, 4096, 16384, 65536, 262144];
export const TOTAL_BYTES = 1024 * 1024;
export const EXECNAME = 'ipc-benchmark';

/** This machine, as a sweep sees it. It has to be closed. */
export const host = await openHost('local', { environment: process.env });
export const benchmark = await buildBundled(host);

/** The value after an option, or what is assumed without it. */
export function option(name, otherwise) {
  const at = process.argv.indexOf(`--${name}`);
  return at === -1 ? otherwise : (process.argv[at + 1] ?? otherwise);
}

/** The tracers that can be used here; only one of them when it is named. */
export async function usableTracers(name) {
  const reports = await checkTracers(host);
  const wanted = reports.filter(({ tracer }) => name === undefined || tracer.name === name);
  for (const { tracer, availability } of wanted) {
    if (availability.state !== 'usable') console.error(`${tracer.name}: ${availability.reason}`);
  }
  return wanted
    .filter(({ availability }) => availability.state === 'usable')
    .map(({ tracer, availability }) => ({ tracer, version: availability.version }));
}

/** The instruments that a tracer has here. */
export function instrumentsOf(tracer) {
  return tracer.instrumentsOn(host.machine.platform);
}

/**
 * Attaches a tracer with the default instruments, as far as it has them.
 * @param named other ones, separated by commas, or `all`
 */
export function open(tracer, named = 'syscalls,pipe-states,io-sizes') {
  const wanted = named.split(',');
  const instruments = instrumentsOf(tracer).filter(
    (each) => named === 'all' || wanted.includes(each),
  );
  return { instruments, session: attach(tracer, instruments) };
}

/** @param more other parts of the request, such as a name of the benchmark's own */
export function attach(tracer, instruments, more = {}) {
  const request = { execnames: [EXECNAME], instruments, events: false, options: {}, ...more };
  return tracer.open(host, request);
}

/**
 * Starts a bare run, as a sweep does, and waits for its end and its counts.
 * @param session undefined for an untraced run
 * @param program the bundled benchmark, or a copy of it
 */
export async function tracedRun(cell, session, options = {}, program = benchmark) {
  await session?.begin();
  const given = { bare: true, iterations: 1, rusage: false, ...options };
  const command = [program, ...benchmarkArguments(cell, given)];
  const ended = await host.run({
    words: session?.wrap?.(command) ?? command,
    environment: { PATH: host.machine.path, LC_ALL: 'C' },
    outputLimits: { stdout: 1 << 20, stderr: 1 << 20 },
    lingerMs: 2000,
  });
  if (ended.end.kind !== 'exited' || ended.end.exitCode !== 0) {
    throw new Error(`the benchmark ended: ${JSON.stringify(ended.end)} ${ended.stderr}`);
  }
  return { ended, collected: await session?.collect(ended.pid, cell.mode) };
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
  const begun = process.hrtime.bigint();
  const { collected } = await tracedRun(cell, session);
  const ms = Number(process.hrtime.bigint() - begun) / 1e6;
  if (!collected) return { ms, state: 'untraced', doubts: [] };
  if (collected.state === 'failed') return { ms, state: 'failed', doubts: [collected.reason] };
  const doubts = [
    ...collected.doubts,
    ...checkConservation(collected.counts, { cell, iterations: 1, instruments, events: false }),
  ].filter(({ suspect }) => suspect);
  const bytes = (operation) =>
    collected.counts.io_sizes
      .filter((row) => row.operation === operation)
      .reduce((sum, row) => sum + row.bytes * row.count, 0);
  const writes = collected.counts.io_sizes
    .filter(({ role, operation }) => role === 'sender' && operation === 'write')
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
