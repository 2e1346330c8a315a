/** Names of programs, systems and contents: 5.10 is another one than 5.1. */
const NAMES = /version|release|ident|model|sha256|commit|governor|driver/;

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d{1,6})?$/;
/** As many as every program keeps. */
const MOST_DIGITS = 15;

/** Such as the processors 0-3,8, or the page sizes 4096,2097152. */
const LIST = /^\d+(?:-\d+)?(?:,\d+(?:-\d+)?)*$/;

/**
 * What stands in a table for a fact about a machine: a number where it is one, and lists and ranges
 * as 0..3, 8, which no spreadsheet takes for a large number or a date.
 */
export function factValue(key: string, value: string): string | number {
  const isNumber = NUMBER.test(value) && value.replace(/\D/g, '').length <= MOST_DIGITS;
  if (isNumber) return NAMES.test(key) ? value : Number(value);
  return LIST.test(value) ? value.replaceAll('-', '..').replaceAll(',', ', ') : value;
}
