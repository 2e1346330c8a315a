import { type CellJudgement, measuredIn } from '../../../analyse/expectations.ts';
import type { Expectation } from '../../../experiment/expectation.ts';
import type { Experiment } from '../../../experiment/read-experiment.ts';
import { cellRecord } from '../../../export/columns.ts';
import type { CheckDocument } from '../../../report/json/check-schema.ts';
import { documentHead } from '../../../report/json/document-head.ts';
import { jsonText } from '../../print-json.ts';
import type { Terminal } from '../../terminal.ts';
import type { JudgedExpectation } from './check-database.ts';
import type { CheckedFile } from './checked-files.ts';
import type { Grades } from './grades.ts';

/** Prints one JSON document, database by database: all cells of thousands need not be kept. */
export class CheckJson {
  readonly #terminal: Terminal;
  #before = '';

  constructor({ file, document, expectations }: Experiment, terminal: Terminal) {
    this.#terminal = terminal;
    const head: Omit<CheckDocument, 'databases' | 'summary'> = {
      ...documentHead('check'),
      ...{ spec: file, name: document.name, expectations: expectations.map(askedJson) },
    };
    terminal.out('{');
    this.#print(jsonText(head).split('\n').slice(1, -1).join('\n'), ',', '');
    terminal.out('  "databases": [');
  }

  add(each: CheckedFile): void {
    if (this.#before !== '') this.#print(this.#before, ',', '    ');
    this.#before = jsonText(databaseJson(each));
  }

  end({ pass, fail, 'not-judged': unjudged }: Grades): void {
    this.#print(this.#before, '', '    ');
    this.#terminal.out('  ],');
    const summary: CheckDocument['summary'] = { pass, fail, not_judged: unjudged };
    this.#print(jsonText({ summary }).split('\n').slice(1, -1).join('\n'), '', '');
    this.#terminal.out('}');
  }

  #print(text: string, end: string, indent: string): void {
    const lines = `${text}${end}`.split('\n');
    for (const line of lines) this.#terminal.out(`${indent}${line}`);
  }
}

function askedJson({ text, assertion }: Expectation) {
  const compared =
    assertion.kind === 'compare'
      ? { operator: assertion.operator, value: assertion.value }
      : { operator: assertion.present ? '>' : '==', value: 0 };
  return { expectation: text, unit: measuredIn(assertion), ...compared };
}

function databaseJson({
  student,
  file,
  checked,
  copyOf,
}: CheckedFile): CheckDocument['databases'][number] {
  const about = { student, database: file };
  if (checked.state === 'unread') {
    return { ...about, because: checked.because, reason: checked.reason, sweep: null };
  }
  const { sweep, facts } = checked;
  return {
    ...about,
    because: null,
    reason: null,
    sweep: {
      ...{ id: sweep.id, name: sweep.name, state: sweep.state },
      started_at: sweep.started_at || null,
      ...{ planned_runs: sweep.planned_runs, done_runs: checked.doneRuns },
      ...{ tracer: sweep.tracer, of_sweeps: checked.sweeps },
    },
    machines: checked.machines,
    environment: Object.fromEntries(facts),
    copy_of: copyOf ?? null,
    differences: checked.differences,
    doubts: checked.doubts.map(({ code, about: what, runs, of, cells, hosts, text }) => ({
      ...{ code, about: what, runs: runs ?? null, of_runs: of, cells, hosts, message: text },
    })),
    expectations: checked.judged.map(expectationJson),
  };
}

function expectationJson({ expectation, verdict, judgements }: JudgedExpectation) {
  return {
    expectation: expectation.text,
    state: verdict.state,
    because: verdict.because ?? null,
    found: verdict.found,
    ...{ cells: verdict.cells, cells_met: verdict.met, cells_missed: verdict.missed },
    ...{ cells_unknown: verdict.unknown, cells_missing: verdict.missing },
    measured_least: verdict.least ?? null,
    measured_most: verdict.most ?? null,
    measured_unit: measuredIn(expectation.assertion),
    by_cell: judgements.map(cellJson),
  };
}

function cellJson(finding: CellJudgement) {
  const { cell, state, shown } = finding;
  return {
    ...cellRecord(cell),
    state,
    measured: finding.state === 'unknown' ? null : finding.measured,
    because: finding.state === 'unknown' ? finding.because : null,
    found: shown,
  };
}
