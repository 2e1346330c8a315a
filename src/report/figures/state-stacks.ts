import { OTHER_STATES } from '../looks.ts';
import { rising } from './axes.ts';

/** A state at one end of a cell's pipes. */
export interface StateCount {
  readonly cell: number;
  readonly state: number;
  readonly count: number;
}

export interface StateShare extends StateCount {
  /** Share of the calls of its cell, from 0 to 1. */
  readonly share: number;
}

export function stateSharesByCell(rows: readonly StateCount[]): readonly StateShare[] {
  const totals = new Map<number, number>();
  for (const { cell, count } of rows) totals.set(cell, (totals.get(cell) ?? 0) + count);
  return rows
    .filter(({ count }) => count > 0)
    .map(({ cell, state, count }) => ({ cell, state, count, share: count / totals.get(cell)! }));
}

/** A state that is rarer than this everywhere does not get its own segment. */
const LEAST_SHARE = 0.01;

/** How the states of a chart are drawn. */
export interface DrawnStates {
  /** The names of the segments, by ascending state, {@link OTHER_STATES} last. */
  readonly kinds: readonly string[];
  /** The segment of a state: its own, or that of all rare ones. */
  readonly kindOf: (state: number) => string;
}

/**
 * Gives a segment to each state with a large enough share in some cell, and one to all others.
 * @param nameOf the name of a state
 */
export function drawnStates(
  shares: readonly StateShare[],
  nameOf: (state: number) => string,
): DrawnStates {
  const frequent = rising(
    shares.filter(({ share }) => share >= LEAST_SHARE).map(({ state }) => state),
  );
  const isRare = ({ state }: StateShare) => !frequent.includes(state);
  return {
    kinds: [...frequent.map(nameOf), ...(shares.some(isRare) ? [OTHER_STATES] : [])],
    kindOf: (state) => (frequent.includes(state) ? nameOf(state) : OTHER_STATES),
  };
}

/** The segments of a bar, in the order of the kinds; kinds that it does not have are left out. */
export function segmentsOf(
  shares: readonly StateShare[],
  { kinds, kindOf }: DrawnStates,
): readonly { readonly kind: string; readonly share: number }[] {
  return kinds.flatMap((kind) => {
    const share = shares
      .filter(({ state }) => kindOf(state) === kind)
      .reduce((sum, own) => sum + own.share, 0);
    return share === 0 ? [] : [{ kind, share }];
  });
}

export interface FirstSeenBit {
  readonly name: string;
  readonly bytes: number;
}

/**
 * Bits that no call saw below a size and that some call saw at that size and at every larger one.
 * @param sizes ascending; `states` are those seen at each of them
 */
export function firstSeenBits(
  sizes: readonly number[],
  states: ReadonlyMap<number, readonly number[]>,
  bits: readonly { readonly bit: number; readonly name: string }[],
): readonly FirstSeenBit[] {
  return bits.flatMap(({ bit, name }) => {
    const seen = sizes.map((size) => (states.get(size) ?? []).some((state) => (state & bit) !== 0));
    const first = seen.indexOf(true);
    if (first < 1 || !seen.slice(first).every(Boolean)) return [];
    return [{ name, bytes: sizes[first]! }];
  });
}
