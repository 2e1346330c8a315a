import { shellWord } from './shell-word.ts';

/** An option of the command line and its value, which is empty for a switch. */
export interface GivenOption {
  readonly option: string;
  readonly value: string;
}

/** Writes options as a user would type them in a shell. */
export function optionLine(options: readonly GivenOption[]): string {
  return options
    .map(({ option, value }) => {
      if (value === '') return option;
      // Behind a blank, a value that begins with a dash would be read as an option.
      return value.startsWith('-')
        ? `${option}=${shellWord(value)}`
        : `${option} ${shellWord(value)}`;
    })
    .join(' ');
}
