import type { Doubt } from '../../doubt.ts';
import type { Host } from '../../host/host.ts';
import type { Privilege } from '../../host/privilege.ts';
import { processesNamed } from '../../host/processes-named.ts';
import { type AttachedScript, attachScript } from './attached-script.ts';
import { foreignProcessDoubts } from './riding/foreign-processes.ts';
import type { ScriptResult, UserScript } from './user-script.ts';

/** The user's scripts, attached for one run. */
export interface AttachedScripts {
  /**
   * Must be called the moment the run has ended.
   * @param rootPid the pid of the run, which leads a process group; undefined if it never started
   */
  runHasEnded(rootPid: number | undefined): Promise<void>;
  /** Ends them and reads their output. @param foreign the tracer saw another benchmark meanwhile */
  finish(foreign: boolean): Promise<{
    readonly results: readonly ScriptResult[];
    readonly doubts: readonly Doubt[];
  }>;
}

/**
 * Attaches scripts one after the other. They know a benchmark only by its name, so another process
 * of that name is reported if it is there before they are attached, before the run, or after it.
 * @param execname the name by which scripts know the benchmark
 * @throws UserError when one cannot be attached; the others have then been ended
 */
export async function attachScripts(
  scripts: readonly UserScript[],
  execname: string,
  host: Host,
  privilege?: Privilege,
): Promise<AttachedScripts> {
  const attached: AttachedScript[] = [];
  const foreignPids = new Set<number>();
  const look = async (rootPid?: number) => {
    if (scripts.length === 0) return;
    for (const { pid, group } of await processesNamed(host, [execname])) {
      if (group !== rootPid) foreignPids.add(pid);
    }
  };
  await look();
  try {
    for (const script of scripts) attached.push(await attachScript(script, host, privilege));
  } catch (error) {
    for (const script of attached) await script.finish();
    throw error;
  }
  await look();
  return {
    async runHasEnded(rootPid) {
      await look(rootPid);
      await Promise.all(attached.map((script) => script.confirm()));
    },
    async finish(foreign) {
      const results: ScriptResult[] = [];
      for (const script of attached) results.push(await script.finish());
      if (results.length === 0) return { results, doubts: [] };
      const doubts = results.flatMap((result) => result.doubts);
      return {
        results,
        doubts: [...doubts, ...foreignProcessDoubts(execname, foreignPids, foreign)],
      };
    },
  };
}
