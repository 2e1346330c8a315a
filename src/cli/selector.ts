import { existsSync } from 'node:fs';
import { UserError } from '../errors.ts';
import { AXES, AXIS, type AxisName, type AxisValue } from '../experiment/axes.ts';
import { parseSize } from '../experiment/sizes.ts';
import { SELECTOR_HINT } from './selector-hint.ts';

/** The parts of a side's name: a database, a sweep in it, and the selected cells. */
export interface Selector {
  /** Undefined for the database given to the command. */
  readonly file: string | undefined;
  /** Undefined for the newest sweep. */
  readonly sweep: string | undefined;
  readonly cells: ReadonlyMap<AxisName, AxisValue>;
}

/**
 * Reads `[DATABASE:][SWEEP:][AXIS=VALUE[,AXIS=VALUE ...]]`.
 * @throws UserError naming what is wrong
 */
export function parseSelector(text: string): Selector {
  let file: string | undefined;
  let sweep: string | undefined;
  const cells = new Map<AxisName, AxisValue>();
  for (const part of partsOf(text)) {
    if (part.includes('=')) {
      for (const pair of part.split(',')) {
        const [axis, value] = parsePair(pair, text);
        if (cells.has(axis)) throw unreadable(text, `${axis} is named twice`);
        cells.set(axis, value);
      }
    } else if (file === undefined && (/\.(db|sqlite3?)$/.test(part) || part.includes('/'))) {
      file = part;
    } else if (sweep === undefined && part !== '') sweep = part;
    else
      throw unreadable(
        text,
        part === ''
          ? 'a part is empty'
          : `expected a database, a sweep or AXIS=VALUE, got ${JSON.stringify(part)}`,
      );
  }
  if (file !== undefined && !existsSync(file)) {
    throw new UserError(`there is no database ${file}`, { hint: SELECTOR_HINT });
  }
  return { file, sweep, cells };
}

/** A host at the end of a selector, whose name may have a colon. */
const HOST_AT_END = /(?<=^|[:,])host=[^,=]*$/;

/** Splits at colons, except those in the host at the end: `host=ssh://board-3:2222`. */
function partsOf(text: string): readonly string[] {
  const at = text.search(HOST_AT_END);
  if (at < 0) return text.split(':');
  const before = text.slice(0, at).split(':');
  const last = `${before.pop() ?? ''}${text.slice(at)}`;
  return [...before, last];
}

function unreadable(text: string, why: string, hint = SELECTOR_HINT): UserError {
  return new UserError(`cannot read ${JSON.stringify(text)}: ${why}`, { hint });
}

const FLAGS = ['true', 'false'];

function parsePair(pair: string, text: string): [AxisName, AxisValue] {
  const [, name = '', written = ''] = /^([^=]*)=?(.*)$/s.exec(pair) ?? [];
  const axis = AXES.find((it) => it === name);
  if (!axis) throw unreadable(text, `no axis is called ${name}`, `the axes are ${AXES.join(', ')}`);
  const own = AXIS[axis];
  const quoted = JSON.stringify(written);
  switch (own.kind) {
    case 'name':
      if (own.pattern.test(written)) return [axis, written];
      throw unreadable(text, `${quoted} is not ${own.called}`, own.expected);
    case 'word':
    case 'flag': {
      const words: readonly string[] = own.kind === 'flag' ? FLAGS : own.words;
      if (words.includes(written))
        return [axis, own.kind === 'flag' ? written === 'true' : written];
      const why = `${axis}: expected one of ${words.join(', ')}, got ${quoted}`;
      throw unreadable(text, why);
    }
    case 'size': {
      const bytes = parseSize(written);
      if (bytes !== undefined) return [axis, bytes];
      const why = `${quoted} is not a size`;
      throw unreadable(text, why, 'a size is whole bytes such as 4096, or 4KiB');
    }
  }
}

/**
 * The text of a selector that also fixes an axis.
 * @param cells what it selects so far
 */
export function withAxis(
  text: string,
  cells: Selector['cells'],
  axis: AxisName,
  value: AxisValue,
): string {
  const pair = `${axis}=${value}`;
  // A host with a colon has to stay last.
  const before = text.replace(HOST_AT_END, `${pair},$&`);
  return before === text ? `${text}${cells.size > 0 ? ',' : ':'}${pair}` : before;
}
