import { isDeepStrictEqual } from 'node:util';
import { clip } from '../experiment/problems.ts';
import { documentIn, type Experiment } from '../experiment/read-experiment.ts';
import { conditionsOf } from '../plan/identity.ts';
import type { Db } from '../store/open.ts';
import { provenanceOf, scriptProvenance } from '../store/provenance.ts';
import { firstHost, type Prepared } from './prepare.ts';

/** How much of a value is shown. */
const LONGEST_VALUE = 60;

/**
 * Names the conditions in which an experiment differs from a stored sweep of the same name, such as
 * `trace.tracer (none, was auto)`. Returns none if what is stored does not tell, for example
 * because one of the two runs on this machine alone and the other does not.
 */
export function differingConditions(
  db: Db,
  olderId: number,
  experiment: Experiment,
  prepared: Prepared,
): readonly string[] {
  const older = provenanceOf(db, olderId);
  const document = documentIn(older.spec_text);
  const inSpec = document
    ? differences([], conditionsOf(document), conditionsOf(experiment.document))
    : [];
  const { programs, scripts, traceProgram } = firstHost(prepared);
  const bytes = programs.get('')?.sha256 ?? '';
  const texts = (of: readonly { readonly text: string }[]) => of.map(({ text }) => text).sort();
  const asked = (section: string) => inSpec.some((text) => text.startsWith(section));
  return [
    ...inSpec,
    ...(older.benchmark_sha256 !== bytes && !asked('benchmark.program') ? ['the benchmark'] : []),
    ...(older.trace_program_sha256 !== (traceProgram?.sha256 ?? '') && !asked('trace.')
      ? ['the tracing program']
      : []),
    ...(!isDeepStrictEqual(texts(scriptProvenance(db, olderId)), texts(scripts)) &&
    !asked('trace.scripts')
      ? ['a script']
      : []),
  ];
}

function differences(path: readonly string[], before: unknown, now: unknown): readonly string[] {
  if (isDeepStrictEqual(before, now)) return [];
  if (isMapping(before) && isMapping(now)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(now)]);
    return [...keys].flatMap((key) => differences([...path, key], before[key], now[key]));
  }
  return [`${path.join('.')} (${shown(now)}, was ${shown(before)})`];
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  if (value === undefined) return 'none';
  return clip(typeof value === 'string' ? value : JSON.stringify(value), LONGEST_VALUE);
}
