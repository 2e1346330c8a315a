/** Names of programs, systems and contents: 5.10 is another one than 5.1. */
const NAMES = /version|release|ident|model|sha256|commit|governor|driver/;

/** With no more digits than every program keeps. */
const NUMBER = /^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,6})?$/;

/** Such as the processors 0-3,8, or the page sizes 4096,2097152. */
const LIST = /^\d+(?:-\d+)?(?:,\d+(?:-\d+)?)*$/;

/**
 * What stands in a table for a fact about a machine: a number where it is one, and lists and ranges
 * as 0..3, 8, which no spreadsheet takes for a large number or a date.
 */
export function factValue(key: string, value: string): string | number {
  if (NUMBER.test(value)) return NAMES.test(key) ? value : Number(value);
  return LIST.test(value) ? value.replaceAll('-', '..').replaceAll(',', ', ') : value;
}
