import { basename } from 'node:path';
import type { Expectation } from '../experiment/expectation.ts';
import type { Experiment } from '../experiment/read-experiment.ts';
import { kernelHasCall } from '../host/kernel/system-calls.ts';
import { pipeStateTable } from '../trace/pipe-state-bits.ts';
import { attachedAlone, reasonOf } from '../trace/user-scripts/riding/placement.ts';
import type { Tracing } from './tracing.ts';

/** Describes how the traced runs are traced; undefined if they are not. */
export function tracedBy({
  wanted,
  scripts,
}: Pick<Tracing, 'wanted' | 'scripts'>): string | undefined {
  const names = [
    ...(wanted ? [`${wanted.tracer.name} ${wanted.availability.version ?? ''}`.trim()] : []),
    ...scripts.map(({ path }) => basename(path)),
  ];
  return names.length > 0 ? names.join(' and ') : undefined;
}

/** Lists the parts of a spec that have no effect, or a different one, on this machine. */
export function notesOn(
  { document, instrumentsNamed, expectations }: Experiment,
  tracing: Tracing,
  platform: NodeJS.Platform,
): readonly string[] {
  const { trace } = document;
  const { traced, missing } = tracing;
  const notes: string[] = [];
  const asks = [
    ...(instrumentsNamed ? ['instruments'] : []),
    ...(trace.events ? ['events'] : []),
    ...(Object.values(trace.options).some((value) => value !== undefined) ? ['options'] : []),
  ];
  if (trace.tracer === 'none' && asks.length > 0) {
    notes.push(`trace.tracer is none, so these have no effect: ${asks.join(', ')}`);
  }
  if (trace.controls && !traced) {
    notes.push(
      'trace.controls has no effect: nothing is traced, so no run needs an untraced one beside it',
    );
  }
  if (trace.sudo && tracing.wanted?.tracer.needsRoot === false) {
    notes.push(`${tracing.wanted.tracer.name} needs no root: it is started without sudo`);
  } else if (trace.sudo && !traced) notes.push('trace.sudo has no effect: nothing is traced');
  if (trace.attach === 'session') notes.push(...notesOnScripts(tracing, platform));
  // If `run` refuses, it gives the reason itself.
  const goesOn = tracing.faults.length === 0;
  for (const { name, reason } of goesOn ? missing : []) notes.push(`without ${name}: ${reason}`);
  return [...notes, ...expectations.flatMap((it) => hopeless(it, tracing, trace, platform))];
}

/** Names the scripts that do not ride in the session, which costs seconds in each run. */
function notesOnScripts({ placed }: Tracing, platform: NodeJS.Platform): readonly string[] {
  const notes = placed
    .filter(({ attached }) => attached === 'per-run')
    .map((it) => `${it.script.name} is attached anew to each run: ${reasonOf(it)}`);
  if (attachedAlone(placed).length > 0 && platform === 'freebsd') {
    notes.push('attach: beside such scripts the tracer is attached anew for each run on FreeBSD');
  }
  return notes;
}

/** Explains why no cell can meet an expectation here, before an hour of runs rather than after. */
function hopeless(
  { text, assertion }: Expectation,
  { asked, traced }: Tracing,
  { controls }: Experiment['document']['trace'],
  platform: NodeJS.Platform,
): readonly string[] {
  const because = (why: string) => [`expect: ${text}: no cell can fulfil it, since ${why}`];
  const quantity = assertion.kind === 'state' ? undefined : assertion.quantity;
  const state =
    assertion.kind === 'state'
      ? assertion.state
      : quantity?.kind === 'state-share'
        ? quantity.state
        : undefined;
  if (state !== undefined) {
    if (!asked.instruments.includes('pipe-states')) return because('no pipe states are counted');
    const bits = pipeStateTable(platform)?.bits ?? [];
    return bits.some(({ name, onlyInDwell }) => name === state && !onlyInDwell)
      ? []
      : because(`pipes have no state ${state} here`);
  }
  if (quantity?.kind === 'syscalls' && !asked.instruments.includes('syscalls')) {
    return because('no system calls are counted');
  }
  if (quantity?.kind === 'syscalls' && kernelHasCall(platform, quantity.name) === false) {
    return because(`there is no system call ${quantity.name} here`);
  }
  if (quantity?.kind === 'probe-effect' && !(traced && controls)) {
    return because('there are no traced runs beside untraced ones');
  }
  return [];
}
