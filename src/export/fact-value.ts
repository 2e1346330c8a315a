/** Keys of facts with names of programs, systems and contents: 5.10 is not the same as 5.1. */
const NAMES = /version|release|ident|model|sha256|commit|governor|driver/;

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d{1,6})?$/;
/** The number of digits that every program keeps. */
const MOST_DIGITS = 15;

/** Matches lists such as the processors 0-3,8, or the page sizes 4096,2097152. */
const LIST = /^\d+(?:-\d+)?(?:,\d+(?:-\d+)?)*$/;

/**
 * The value for a fact about a machine in a table: a number if it is one; lists and ranges are
 * written as 0..3, 8, which no spreadsheet takes for a large number or a date.
 */
export function factValue(key: string, value: string): string | number {
  const isNumber = NUMBER.test(value) && value.replace(/\D/g, '').length <= MOST_DIGITS;
  if (isNumber) return NAMES.test(key) ? value : Number(value);
  return LIST.test(value) ? value.replaceAll('-', '..').replaceAll(',', ', ') : value;
}
