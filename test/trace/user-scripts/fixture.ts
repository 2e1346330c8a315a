import { readFileSync } from 'node:fs';
import type { Aggregate } from '../../../src/trace/user-scripts/script-output.ts';

const folder = new URL('../../fixtures/scripts/', import.meta.url);

export function fixture(name: string): string {
  return readFileSync(new URL(name, folder), 'utf8');
}

/** One aggregate as a line, so that a test reads like the output: `name[keys] function 1..3 = 5`. */
export function line({ name, keys, ...rest }: Aggregate): string {
  const { bucketFrom, bucketTo, value } = rest;
  const bucket = bucketFrom === null && bucketTo === null ? '' : ` ${bucketFrom}..${bucketTo}`;
  return `${name}[${keys.join('|')}] ${rest.function}${bucket} = ${value}`;
}
