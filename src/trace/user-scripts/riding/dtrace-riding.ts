import type { Host } from '../../../host/host.ts';
import type { Riding } from '../../session/process-session.ts';
import type { TraceRequest } from '../../tracer.ts';
import { RODE_LINE } from './dtrace-blocks.ts';
import { dtraceRiddenLines } from './dtrace-ridden-lines.ts';
import { ForeignProcesses } from './foreign-processes.ts';
import { scriptUserError } from './origins.ts';
import { RiddenRun } from './ridden-run.ts';

/** A stack, or a picture of a distribution, is printed in many lines; no line is longer. */
const LINE_LIMIT = 1024 * 1024;

/** How a session of dtrace handles the scripts that ride in it: they need no question. */
export async function dtraceRiding(
  host: Host,
  { riding = [], execnames }: TraceRequest,
  source: string,
): Promise<Riding> {
  return {
    newRun: () => new RiddenRun(riding, dtraceRiddenLines(), RODE_LINE, LINE_LIMIT),
    foreignProcesses: await ForeignProcesses.on(host, execnames),
    errorOf: (stderr) => scriptUserError('dtrace', stderr, source, riding),
    lineLimit: LINE_LIMIT,
  };
}
