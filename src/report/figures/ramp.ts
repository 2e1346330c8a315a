/**
 * Viridis at even distances: its lightness rises steadily, with or without colours. The yellow end
 * is left out, because it would not be visible on white paper.
 */
const VIRIDIS = [
  ...['#440154', '#472d7b', '#3b528b', '#2c728e'],
  ...['#21918c', '#28ae80', '#5ec962', '#addc30'],
] as const;

export interface Shade {
  readonly colour: string;
  /** The colour of text on it. */
  readonly ink: '#ffffff' | '#000000';
}

/** Returns this many colours from dark to light, as far apart as possible. */
export function shades(count: number): readonly Shade[] {
  return Array.from({ length: count }, (_, at) => {
    const position = count === 1 ? 2 : (at / (count - 1)) * (VIRIDIS.length - 1);
    const below = Math.min(Math.floor(position), VIRIDIS.length - 2);
    const low = channelsOf(VIRIDIS[below]!);
    const high = channelsOf(VIRIDIS[below + 1]!);
    const mixed = low.map((value, i) =>
      Math.round(value + (position - below) * (high[i]! - value)),
    );
    const hex = mixed.map((value) => value.toString(16).padStart(2, '0')).join('');
    return { colour: `#${hex}`, ink: luminance(mixed) < 0.18 ? '#ffffff' : '#000000' };
  });
}

function channelsOf(hex: string): readonly number[] {
  return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
}

/** Relative luminance as defined by WCAG 2; black and white are equally readable on about 0.18. */
function luminance(channels: readonly number[]): number {
  const [r, g, b] = channels.map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}
