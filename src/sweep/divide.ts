import { UserError } from '../errors.ts';
import { cellKey } from '../experiment/cell.ts';
import type { Experiment } from '../experiment/read-experiment.ts';
import { LOCAL_HOST } from '../host/host-name.ts';
import { byProgram } from '../plan/order.ts';
import { assignShards, type Shard, shardName, trialSeconds } from '../plan/shards.ts';
import type { Db } from '../store/open.ts';
import { hasCells, shardsIn } from '../store/sweep-shards.ts';
import { likelyTracer } from '../trace/choose.ts';
import { sweepCosts } from './costs.ts';

/**
 * Divides the cells of an experiment. The result depends on the spec and the number of shards alone,
 * not on the machine: whatever its tracer, a run is taken to cost what it costs on Linux.
 * @returns the shard of each cell, from 1, in the order of the cells
 * @throws UserError when the experiment cannot be divided into so many shards
 */
export function divide(experiment: Experiment, shards: number): readonly number[] {
  const { cells, hosts, document, scripts } = experiment;
  const [host] = hosts;
  if (hosts.length > 1 || host !== LOCAL_HOST) {
    throw new UserError(
      `--shard makes one shard of a sweep on this machine, but the spec has the hosts ${hosts.join(', ')}`,
      { hint: 'pass --host local, or leave `hosts` out of the spec' },
    );
  }
  if (document.assign === 'every-host') {
    throw new UserError(
      'with assign: every-host each host makes the whole matrix, but a shard has only some of its cells',
      {
        hint: 'leave `assign` out; to compare machines, run the spec on each without --shard',
      },
    );
  }
  const most = [...byProgram(cells)].length;
  if (shards > most) {
    const together =
      most < cells.length ? ' (cells that differ only in the program stay together)' : '';
    throw new UserError(
      `${shards} shards are too many: each needs at least one cell${together}, so there can be at most ${most}`,
    );
  }
  const tracer = likelyTracer(document.trace.tracer, 'linux');
  const costs = sweepCosts(document, { tracer, scripts, platform: 'linux' });
  const traced = tracer !== undefined || scripts.length > 0;
  const { controls } = document.trace;
  return assignShards(cells, shards, (cell) => trialSeconds(cell, costs, { traced, controls }));
}

/**
 * Makes sure that a database is for this shard, or for undivided sweeps: the runs of two
 * shards would look like those of one machine.
 * @throws UserError naming the shard that it is for
 */
export function requireShard(db: Db, file: string, asked: Shard | undefined): void {
  const wanted = asked && shardName(asked);
  for (const held of shardsIn(db)) {
    const holds = held && shardName(held);
    if (holds === wanted) continue;
    throw new UserError(
      wanted === undefined
        ? `${file} is for shard ${holds} of a sweep, but \`run\` without --shard makes all of it`
        : `${file} is for ${holds === undefined ? 'whole sweeps' : `shard ${holds}`}, and shard ${wanted} needs a database of its own`,
      {
        hint: `name another database with --db${wanted === undefined ? `, or go on with --shard ${holds}` : ''}`,
      },
    );
  }
}

/**
 * Makes sure that a divided sweep keeps its matrix: other shards, which may have ended, would divide
 * other cells in another way.
 * @throws UserError when the spec has other cells now
 */
export function requireSameCells(db: Db, sweepId: number, { cells, document }: Experiment): void {
  if (hasCells(db, sweepId, cells.map(cellKey))) return;
  throw new UserError(
    `the matrix of the spec has changed since ${document.name}-${sweepId} was divided: its shards would no longer fit together`,
    {
      hint: 'put the old matrix back, or start a new sweep: give all shards new databases, or use --fresh',
    },
  );
}
