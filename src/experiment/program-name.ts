/**
 * The name of one of several benchmarks. It must begin with a letter: JavaScript would put numeric
 * keys before all others, but the order of the programs determines which one the others are
 * compared with.
 */
export const PROGRAM_NAME = /^[A-Za-z][A-Za-z0-9_-]{0,31}$/;

export const PROGRAM_NAME_EXPECTED =
  'the name of a program: letters, digits, dash and underscore, the first a letter, at most 32 long';
