import { dtraceLines } from '../../../src/trace/dtrace/dtrace-lines.ts';
import type { LineReader } from '../../../src/trace/session/events.ts';
import { ProcessSession, type SessionOptions } from '../../../src/trace/session/process-session.ts';
import { tracerByHand } from '../stand-in-tracer.ts';

/** Longer than any test: what waits for so long does not end. */
const NEVER_MS = 2 ** 31 - 1;

const dtrace = dtraceLines(new Map());

/** Reads what D programs print, and some things that only bpftrace's do. */
export const readLine: LineReader = (line) => {
  const [word, pid] = line.split(' ');
  if (word === 'answer') return [{ kind: 'answer', pid: Number(pid) }];
  if (word === 'gone') return [{ kind: 'exit', pid: Number(pid) }];
  if (word === 'full') return [{ kind: 'full', map: '@syscalls', keys: 16_384 }];
  return dtrace(line);
};

export const OPTIONS: SessionOptions = {
  tracer: 'dtrace',
  readLine,
  readStderr: () => undefined,
  ...{ readyMs: NEVER_MS, endMs: NEVER_MS, quietMs: NEVER_MS, printsExits: true },
};

/** A session whose tracer has said that it is ready, and in which a run has begun. */
export async function begun(options: Partial<SessionOptions> = {}) {
  const tracer = tracerByHand();
  const attaching = ProcessSession.attach(tracer.process, { ...OPTIONS, ...options });
  tracer.print('ready');
  const session = await attaching;
  await session.begin();
  return { tracer, session };
}
