/** A sweep's name is also a folder's name: never a path, an option or a control character. */
export const SWEEP_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

export const SWEEP_NAME_EXPECTED =
  'a name of letters, digits, dot, dash and underscore, with a letter or digit first, at most 64 long';
