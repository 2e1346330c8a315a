import type { VerdictState } from '../../../analyse/expectation-verdict.ts';
import type { CheckRow } from '../../../export/check-table.ts';
import { printable } from '../../terminal-text.ts';

/** The students by their databases' states. */
export type Grades = Readonly<Record<VerdictState, readonly string[]>>;

/** The worst state of a database's rows. */
export function gradeOf(rows: readonly CheckRow[]): VerdictState {
  if (rows.some(({ state }) => state === 'fail')) return 'fail';
  return rows.every(({ state }) => state === 'pass') ? 'pass' : 'not-judged';
}

/** The most names in a line; the CSV has all. */
const MOST_NAMES = 40;

/** How many pass, and the names of the others. */
export function gradeLines(grades: Grades): readonly string[] {
  const { pass, fail, 'not-judged': unjudged } = grades;
  const names = (all: readonly string[]) => {
    const more = all.length > MOST_NAMES ? ` and ${all.length - MOST_NAMES} more` : '';
    return `${all.slice(0, MOST_NAMES).map(printable).join(', ')}${more}`;
  };
  const all = pass.length + fail.length + unjudged.length;
  return [
    `${pass.length} of ${all} ${all === 1 ? 'passes' : 'pass'}`,
    ...(fail.length > 0 ? [`fail (${fail.length}): ${names(fail)}`] : []),
    ...(unjudged.length > 0 ? [`not judged (${unjudged.length}): ${names(unjudged)}`] : []),
  ];
}
