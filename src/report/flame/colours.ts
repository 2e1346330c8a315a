import { type FlameTree, type Frame, shiftInErrors } from '../../analyse/flame-tree.ts';

/** How a box of a flame graph is told from others; text on it is black. */
export interface BoxStyle {
  readonly fill: string;
  /** Stands before the name, so that a change is seen without colours, too. */
  readonly mark?: string;
}

const GREY = '#c4c4c4';

/**
 * The colour of a function: a warm one that follows from its name alone, so that a function has the
 * same one in every graph of every sweep. It means nothing else. User code is blue; what could not
 * be looked at is grey.
 */
export function colourOf({ name }: Pick<Frame, 'name'>): BoxStyle {
  const bracketed = name.startsWith('[');
  if (bracketed && !/^\[(?:user code|program|libraries)\]$/.test(name)) return { fill: GREY };
  const hash = hashOf(name);
  const [a, b] = [(hash & 0xff) / 255, ((hash >>> 8) & 0xff) / 255];
  return bracketed
    ? { fill: hex(205 + 10 * a, 0.7, 0.72 + 0.06 * b) }
    : { fill: hex(10 + 40 * a, 0.85, 0.62 + 0.13 * b) };
}

/** Differences below this many standard errors are not coloured. */
export const NOTABLE_SHIFT = 2;
/** The share whose change has the strongest colour, if none changes by more. */
const LEAST_STRONGEST = 0.05;

/**
 * Colours for a differential graph: orange and `▲` where the second side has a greater share of its
 * samples, blue and `▼` where it has a smaller one, the stronger the more it differs. Differences
 * that samples by themselves would show are grey.
 */
export function shiftColours({ frames, totals }: FlameTree): (frame: Frame) => BoxStyle {
  const shiftOf = ({ samples: [a = 0, b = 0] }: Frame) =>
    b / (totals[1] || 1) - a / (totals[0] || 1);
  const notable = (frame: Frame) => Math.abs(shiftInErrors(frame.samples, totals)) >= NOTABLE_SHIFT;
  const strongest = frames
    .filter(notable)
    .reduce((most, frame) => Math.max(most, Math.abs(shiftOf(frame))), LEAST_STRONGEST);
  return (frame) => {
    if (!notable(frame)) return { fill: '#dcdcdc' };
    const shift = shiftOf(frame);
    const lightness = 0.86 - 0.26 * (Math.abs(shift) / strongest);
    return shift > 0
      ? { fill: hex(28, 0.9, lightness), mark: '▲ ' }
      : { fill: hex(212, 0.75, lightness), mark: '▼ ' };
  };
}

/** FNV-1a, 32 bits, then mixed: names often differ in their last letter only. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const character of text) {
    hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}

/** @param hue in degrees; saturation and lightness from 0 to 1 */
function hex(hue: number, saturation: number, lightness: number): string {
  const reach = saturation * Math.min(lightness, 1 - lightness);
  const channel = (offset: number) => {
    const at = (offset + hue / 30) % 12;
    const value = lightness - reach * Math.max(-1, Math.min(at - 3, 9 - at, 1));
    return Math.round(255 * value)
      .toString(16)
      .padStart(2, '0');
  };
  return `#${channel(0)}${channel(8)}${channel(4)}`;
}
