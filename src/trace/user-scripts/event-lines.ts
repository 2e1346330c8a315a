import { matchAt } from './d-tokens.ts';

export interface Firing {
  readonly probe: string;
  readonly cpu: number;
  /** The position where the text it printed begins. */
  readonly end: number;
}

const HEADER = /CPU(?: {5}ID {20}FUNCTION:NAME| FUNCTION {33})(?:\n|$)/y;
const FIRING = /( {0,2}\d{1,10}) ( {0,5}\d{1,10}) ( {0,31}\S{0,500}:\S{1,100})(?: |(?=\n))/y;
const FLOW = /( {0,2}\d{1,10}) ( {0,200}(->|<-|=>|<=|\|) ?(\S{1,600}))( *)/y;

/** Finds the line of column names, and tells whether they are those of `flowindent`. */
export function headerAt(
  text: string,
  at: number,
): { readonly end: number; readonly flow: boolean } | undefined {
  const header = matchAt(HEADER, text, at)?.[0];
  if (header === undefined) return undefined;
  return { end: at + header.length, flow: !header.includes('NAME') };
}

/**
 * Finds `%3d %6d %32s ` before everything a firing prints, or `%3d %-41s ` with `flowindent`. The
 * columns are checked to the blank, because an aggregation's row looks similar.
 */
export function firingAt(text: string, at: number, flow: boolean): Firing | undefined {
  if (flow) return flowAt(text, at);
  const found = matchAt(FIRING, text, at);
  if (!found) return undefined;
  const [whole, cpu = '', id = '', name = ''] = found;
  const exact = fills(cpu, 3) && fills(id, 6) && fills(name, 32);
  if (!exact) return undefined;
  return { probe: name.trimStart(), cpu: Number(cpu), end: at + whole.length };
}

function flowAt(text: string, at: number): Firing | undefined {
  const found = matchAt(FLOW, text, at);
  if (!found) return undefined;
  const [, cpu = '', name = '', prefix = '', called = '', blanks = ''] = found;
  if (!fills(cpu, 3) || name.length + blanks.length < 41) return undefined;
  const end = at + cpu.length + 1 + Math.max(41, name.length);
  const probe = called + (FLOW_NAMES[prefix] ?? '');
  return { probe, cpu: Number(cpu), end: text[end] === ' ' ? end + 1 : end };
}

const FLOW_NAMES: Readonly<Record<string, string>> = {
  '->': ':entry',
  '=>': ':entry',
  '<-': ':return',
  '<=': ':return',
};

/** Tells whether a right-aligned field is as wide as the column, or wider and without blanks. */
function fills(field: string, width: number): boolean {
  return field.length === width || (field.length > width && !field.startsWith(' '));
}
