import type { CountTable, Instrument, TracerOnPlatform } from '../instruments/instrument.ts';
import { INSTRUMENTS } from '../instruments/instruments.ts';

/** Text between these lines is generated from the definitions; the rest is written by hand. */
const MARKED = /(<!-- (overview|sections) -->\n)[\s\S]*?(<!-- end of \2 -->)/g;

const PLACES: readonly (readonly [place: TracerOnPlatform | 'strace', heading: string])[] = [
  ['dtrace-freebsd', 'dtrace on FreeBSD'],
  ['dtrace-linux', 'dtrace on Linux'],
  ['dtrace-macos', 'dtrace on macOS'],
  ['dtrace-illumos', 'dtrace on illumos'],
  ['bpftrace', 'bpftrace'],
  ['strace', 'strace'],
];

/** Returns the text of docs/instruments.md with what follows from the definitions renewed. */
export function renewedInstrumentsPage(
  text: string,
  instruments: readonly Instrument[] = INSTRUMENTS,
): string {
  const parts: Readonly<Record<string, string>> = {
    overview: overview(instruments),
    sections: instruments.map(sectionOf).join('\n'),
  };
  return text.replace(MARKED, (_, begin: string, name: string, end: string) => {
    return `${begin}\n${parts[name]}\n${end}`;
  });
}

function overview(instruments: readonly Instrument[]): string {
  const heads = ['instrument', 'asked', ...PLACES.map(([, heading]) => heading)];
  const rows = instruments.map((one) => [
    `[${one.name}](#${one.name})`,
    one.isDefault ? 'by default' : 'if named',
    ...PLACES.map(([place]) => (isAt(one, place) ? 'yes' : 'no')),
  ]);
  return `${[heads, heads.map(() => '---'), ...rows].map(lineOf).join('\n')}\n`;
}

function isAt(instrument: Instrument, place: TracerOnPlatform | 'strace'): boolean {
  return place === 'strace' ? instrument.inStrace === true : place in instrument.programs;
}

function lineOf(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function sectionOf(instrument: Instrument): string {
  const { name, question, elsewhere, cost, counts, checked } = instrument;
  const items = [
    `- Costs ${cost}.`,
    `- Checked: ${checked}`,
    ...(elsewhere === '' ? [] : [`- Elsewhere: ${elsewhere}`]),
    ...counts.map(countItem),
  ];
  return `### ${name}\n\n${question}\n\n${items.join('\n')}\n`;
}

function countItem({ name, keys, count, summary }: CountTable): string {
  const by = ['role', ...keys.map(({ exported, name: own }) => exported ?? own)];
  const summed =
    summary === undefined ? '' : `, summed up for each cell in \`${name}_summary.csv\``;
  return `- \`${name}.csv\`: ${count.unit} of each run by ${by.join(', ')}${summed}.`;
}
