import { Environment } from '@marcbachmann/cel-js';
import { type Cell, cellKey } from './cell.ts';

export type WhereResult =
  | { readonly state: 'ok'; readonly keeps: (cell: Cell) => boolean }
  | { readonly state: 'broken'; readonly message: string };

/** A condition that compiles and yet fails for some cell, such as a division by zero. */
export class WhereError extends Error {}

/** Names that a condition may use. Sizes are integers, so `/` is whole division and `%` works. */
export const WHERE_NAMES = ['buffer_size', 'total_size', 'ipc', 'mode', 'socket_buffers'] as const;

/**
 * Compiles a Common Expression Language condition over the axes. Type errors and unknown names
 * are found here; nothing of the text is ever evaluated as JavaScript.
 */
export function compileWhere(condition: string): WhereResult {
  const environment = new Environment({
    unlistedVariablesAreDyn: false,
    limits: { maxAstNodes: 1000, maxDepth: 50 },
  })
    .registerVariable('buffer_size', 'int')
    .registerVariable('total_size', 'int')
    .registerVariable('ipc', 'string')
    .registerVariable('mode', 'string')
    .registerVariable('socket_buffers', 'bool');
  try {
    const program = environment.parse(condition);
    const check = program.check();
    if (!check.valid) return broken(check.error?.message ?? 'it does not type-check');
    if (check.type !== 'bool' && check.type !== 'dyn') {
      return broken(`it gives a ${check.type}, not true or false`);
    }
    return {
      state: 'ok',
      keeps: (cell) => {
        try {
          return program(namesOf(cell)) === true;
        } catch (error) {
          throw new WhereError(`the condition fails for ${cellKey(cell)}: ${firstLine(error)}`);
        }
      },
    };
  } catch (error) {
    return broken(firstLine(error));
  }
}

function namesOf(cell: Cell): Record<(typeof WHERE_NAMES)[number], bigint | string | boolean> {
  return {
    buffer_size: BigInt(cell.bufferBytes),
    total_size: BigInt(cell.totalBytes),
    ipc: cell.ipc,
    mode: cell.mode,
    socket_buffers: cell.socketBuffers,
  };
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n')[0] ?? text;
}

function broken(detail: string): WhereResult {
  return {
    state: 'broken',
    message: `expected a condition over ${WHERE_NAMES.join(', ')}: ${detail.split('\n')[0]}`,
  };
}
