import type { Cell } from '../experiment/cell.ts';
import { cellName } from '../experiment/cell-name.ts';
import type { Experiment } from '../experiment/load.ts';
import type { Db } from '../store/open.ts';
import { chooseSweep, listSweeps, runsDone } from '../store/reader.ts';
import { type CellChanges, createSweep, findSweep, updateSweep } from '../store/sweep-writer.ts';
import { pipeStateTable } from '../trace/pipe-state-bits.ts';
import { counted } from './counted.ts';
import { isTraced, type Prepared } from './prepare.ts';
import type { Terminal } from './terminal.ts';

/** The sweep to go on with: the newest under the same conditions, or a new one. @returns its id */
export function chooseOrCreate(
  db: Db,
  experiment: Experiment,
  prepared: Prepared,
  fresh: boolean,
  terminal: Terminal,
): number {
  const { document } = experiment;
  const twins = document.trace.controls && isTraced(prepared) ? 2 : 1;
  const spec = {
    description: document.description,
    specFile: experiment.file,
    specText: experiment.text,
    plannedRuns: experiment.cells.length * twins * (document.trials.min + document.warmup),
    trials: document.trials,
    budgetMs: document.budget,
    expectations: document.expect,
    cells: experiment.cells,
  };
  const known = fresh ? undefined : findSweep(db, prepared.identity);
  if (known === undefined) {
    const older = fresh ? undefined : listSweeps(db).find(({ name }) => name === document.name);
    if (older) {
      terminal.talk(
        `benchmark, tracing or settings differ from sweep ${older.name}-${older.id}: starting a new one`,
      );
    }
    return createSweep(db, { ...spec, ...newSweep(experiment, prepared) });
  }
  const changes = updateSweep(db, known, spec);
  const name = `${document.name}-${known}`;
  for (const line of changeLines(changes)) terminal.talk(line);
  const done = runsDone(db, known);
  const { planned_runs: planned, relative_ci: precision } = chooseSweep(db, String(known));
  if (done < planned || precision !== null) {
    terminal.talk(`continuing sweep ${name}: ${done} of ${planned} runs are done`);
  }
  return known;
}

/** Cells of a changed spec that are named; a changed range may have thousands. */
const MOST_CELLS = 5;

function changeLines({ fresh, kept, orphaned }: CellChanges): readonly string[] {
  if (fresh.length + orphaned.length === 0) return [];
  const named = (what: string, cells: readonly Cell[]) => {
    if (cells.length === 0) return [];
    const names = cells.slice(0, MOST_CELLS).map(cellName);
    const more = cells.length - names.length;
    return [`  ${what}: ${names.join('; ')}${more > 0 ? `; and ${more} more` : ''}`];
  };
  return [
    `the spec has changed: ${counted(fresh.length, 'new cell')}, ${kept} kept, ${orphaned.length} no longer asked for (their runs stay stored)`,
    ...named('new', fresh),
    ...named('no longer asked for', orphaned),
  ];
}

function newSweep({ document }: Experiment, prepared: Prepared) {
  return {
    name: document.name,
    identity: prepared.identity,
    seed: document.seed,
    runOrder: document.order,
    warmup: document.warmup,
    controls: document.trace.controls && isTraced(prepared),
    tracer: prepared.chosen?.tracer.name ?? 'none',
    traceProgram: prepared.traceProgram?.source ?? '',
    traceProgramSha256: prepared.traceProgram?.sha256 ?? '',
    instruments: prepared.request.instruments,
    benchmarkPath: prepared.program.path,
    benchmarkSha256: prepared.program.sha256,
    ...document.benchmark,
    startedAt: new Date(),
    pipeStates: pipeStateTable(process.platform),
    scripts: prepared.scripts,
  };
}
