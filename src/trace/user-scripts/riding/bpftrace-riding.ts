import type { Host } from '../../../host/host.ts';
import { MAP_KEYS } from '../../bpftrace/bpftrace-lines.ts';
import type { Riding } from '../../session/process-session.ts';
import type { TraceRequest } from '../../tracer.ts';
import { endWithExit } from './bpftrace-fragments.ts';
import { bpftraceRiddenLines, rodeLine } from './bpftrace-ridden-lines.ts';
import { ForeignProcesses } from './foreign-processes.ts';
import { scriptUserError } from './origins.ts';
import { RiddenRun } from './ridden-run.ts';

/** Above every pid; see programs/bpftrace/scripts-end.bt and scripts-answer.bt. */
const FIRST_QUESTION = 8_388_608;
const SECOND_QUESTION = 16_777_216;
/** A map with stacks as keys may take many MiB. */
const LINE_LIMIT = 32 * 1024 * 1024;

/** How a session of bpftrace handles the scripts that ride in it. */
export async function bpftraceRiding(
  host: Host,
  { riding = [], execnames }: TraceRequest,
  source: string,
): Promise<Riding> {
  const read = bpftraceRiddenLines(riding, source);
  return {
    newRun: () => new RiddenRun(riding, read, rodeLine(MAP_KEYS), LINE_LIMIT),
    ask: (rootPid) => host.ask(FIRST_QUESTION + rootPid),
    unasked: endWithExit(riding),
    settle: (rootPid) => host.ask(SECOND_QUESTION + rootPid),
    alwaysSettles: riding.some(({ printsUncounted }) => printsUncounted),
    foreignProcesses: await ForeignProcesses.on(host, execnames),
    errorOf: (stderr) => scriptUserError('bpftrace', stderr, source, riding),
    lineLimit: LINE_LIMIT,
  };
}
