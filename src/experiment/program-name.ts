/**
 * Names a benchmark among several. The first is a letter: JavaScript would put keys that are numbers
 * before all others, and the order of the programs says which of them the others are compared with.
 */
export const PROGRAM_NAME = /^[A-Za-z][A-Za-z0-9_-]{0,31}$/;

export const PROGRAM_NAME_EXPECTED =
  'the name of a program: letters, digits, dash and underscore, the first a letter, at most 32 long';
