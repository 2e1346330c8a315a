import { IPC_TYPES, MODES } from '../experiment/axes.ts';

/**
 * The colours and shapes of what charts show. The same thing looks the same in every chart of every
 * sweep, because its look follows from its name alone and not from the order in which it appears.
 */

/** How a series is drawn: any one of the three is enough to recognise it. */
export interface Look {
  readonly colour: string;
  readonly shape: string;
  /** The lengths of dashes and gaps; none for a solid line. */
  readonly dashes: readonly number[];
}

/** How an area is drawn. */
export interface Shade {
  readonly colour: string;
  /** The colour of text on it. */
  readonly ink: typeof LIGHT_INK | typeof DARK_INK;
}

/** Text on areas has colours of its own, because these stay as they are in dark mode. */
export const LIGHT_INK = '#ffffff';
export const DARK_INK = '#010101';

/**
 * Colours that colour-blind readers can tell apart, and that differ in lightness even without
 * colour: from Okabe and Ito's palette, the dark ones first.
 */
const COLOURS = [
  ...(['#000000', '#0072B2', '#D55E00', '#009E73'] as const),
  ...(['#CC79A7', '#E69F00', '#56B4E9', '#7F7F7F'] as const),
] as const;
const SHAPES = [
  ...['circle', 'square', 'triangle-up', 'diamond'],
  ...['triangle-down', 'cross', 'triangle-right', 'triangle-left'],
];
/** Dash lengths that suit a thin and a thick line. */
const DASHES = ['', '5 2', '1.5 1.5', '7 1.5 1.5 1.5', '3 3', '9 3', '1 3', '5 1 1 1'].map(
  (lengths) => lengths.split(' ').filter(Boolean).map(Number),
);
const LOOKS = COLOURS.length * SHAPES.length;

/** The colour of lines that belong to no series. */
export const PLAIN = COLOURS[0];
/** The colour of a line that must stand out from {@link PLAIN}. */
export const STRIKING = COLOURS[2];

/**
 * The look with this number, from 0. The first 64 all differ: after eight, the colours begin anew
 * with other shapes.
 */
export function lookAt(number: number): Look {
  const colour = number % COLOURS.length;
  const round = Math.floor(number / COLOURS.length);
  return {
    colour: COLOURS[colour]!,
    shape: SHAPES[(colour + round) % SHAPES.length]!,
    dashes: DASHES[(colour + round) % DASHES.length]!,
  };
}

/** The name under which a chart sums the calls that it does not show by themselves. */
export const OTHER_CALLS = 'all others';

/** The place of a call is the number of its look. */
const CALLS = [
  ...['poll', 'read', 'write', 'close', 'futex', 'fcntl', 'mmap', OTHER_CALLS],
  ...['ppoll', 'recvfrom', 'sendto', 'openat', '_umtx_op', 'ioctl', 'munmap', 'getrusage'],
  ...['select', 'readv', 'writev', 'open', 'nanosleep', 'rt_sigaction', 'brk', 'sysinfo'],
  ...['pselect6', 'recvmsg', 'sendmsg', 'fstat', 'clock_nanosleep', 'sigaction', 'mprotect'],
  ...['clock_gettime', 'kevent', 'exit_group', 'sched_yield', 'wait4', 'clone', 'shutdown'],
];

/** The look of a system call. */
export function callLook(name: string): Look {
  const place = CALLS.indexOf(name);
  return lookAt(place < 0 ? hashOf(name) % LOOKS : place);
}

/** The place of a role is the number of its look: the receiver has the colour of `read`. */
const ROLES = ['both', 'receiver', 'sender'];

/** The look of a role. */
export function roleLook(name: string): Look {
  const place = ROLES.indexOf(name);
  return lookAt(place < 0 ? hashOf(name) % LOOKS : place);
}

/** The place of a kind of run is the number of its look. */
const RUN_KINDS = ['traced', 'untraced', 'warm-up, traced', 'warm-up, untraced'];

/** The look of a run by whether it was traced, and whether it was a warm-up. */
export function runLook(kind: string): Look {
  return lookAt(Math.max(0, RUN_KINDS.indexOf(kind)));
}

const CHANNELS: ReadonlyMap<string, number> = new Map(
  IPC_TYPES.flatMap((ipc, at) => [
    [ipc, 2 * at] as const,
    ...MODES.flatMap((mode, place) => [
      [`${ipc} ${mode}`, 2 * at + place] as const,
      [mode, place] as const,
    ]),
  ]),
);

/**
 * The looks of the series of a chart. Series that are only a channel, such as `pipe 2proc` or
 * `2thread`, have fixed ones; others, such as those of several totals, follow their order.
 */
export function seriesLooks(labels: readonly string[]): readonly Look[] {
  const fixed = labels.flatMap((label) => CHANNELS.get(label) ?? []);
  const isFixed = fixed.length === labels.length && new Set(fixed).size === labels.length;
  return labels.map((_, at) => lookAt(isFixed ? fixed[at]! : at));
}

/** The name under which a chart sums states that are too rare for an area of their own. */
export const OTHER_STATES = 'other states';

/**
 * The hue says how full the pipe is, or that bytes go directly; who waits, and an end that is closed,
 * make it lighter or purple. On each system the lightness alone tells the states apart.
 */
const STATES: Readonly<Record<string, string>> = {
  // Linux
  EMPTY: '#1f5b9e',
  FULL: '#c8371e',
  PARTIAL: '#2c9c84',
  'READER_WAITING|EMPTY': '#8fbdea',
  'WRITER_WAITING|FULL': '#fbc07c',
  'NO_WRITERS|EMPTY': '#553b86',
  'NO_WRITERS|FULL': '#a45fb0',
  'NO_WRITERS|PARTIAL': '#d08fd6',
  // FreeBSD
  DIRECTOK: '#4b5563',
  'DIRECTOK|DIRECTW': '#428126',
  'DIRECTOK|WANTR': '#7ba6d6',
  'DIRECTOK|WANTW': '#e8ab4a',
  'DIRECTOK|DIRECTW|WANTW': '#ccd653',
  'DIRECTOK|EOF': '#b369a6',
  '0x0': '#875a36',
  [OTHER_STATES]: '#dcdcdc',
};

/** The shade of a pipe's state. @param name as in `pipe_state_names`, or {@link OTHER_STATES} */
export function stateShade(name: string): Shade {
  const colour = Object.hasOwn(STATES, name) ? STATES[name]! : hashedColour(name);
  return { colour, ink: luminance(colour) < 0.18 ? LIGHT_INK : DARK_INK };
}

/** States with a fixed colour. */
export const KNOWN_STATES: readonly string[] = Object.keys(STATES);

function hashedColour(name: string): string {
  const hash = hashOf(name);
  return colourOf(hash % 360, 0.38 + ((hash >>> 16) % 37) / 100);
}

/** FNV-1a, 32 bits: the same on every machine. */
function hashOf(name: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(name)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** HSL with a saturation of one half, as `#rrggbb`. */
function colourOf(hue: number, lightness: number): string {
  const chroma = 0.5 * Math.min(lightness, 1 - lightness);
  const channels = [0, 8, 4].map((offset) => {
    const k = (offset + hue / 30) % 12;
    return lightness - chroma * Math.max(-1, Math.min(k - 3, 9 - k, 1));
  });
  return `#${channels
    .map((value) =>
      Math.round(255 * value)
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`;
}

/** Relative luminance as defined by WCAG 2; black and white are equally readable on about 0.18. */
function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}
