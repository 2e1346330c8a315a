import type { Command, Option } from '../command.ts';

/** The name by which a command is called. */
export function nameOf({ command }: Pick<Command, 'command'>): string {
  return command.split(' ')[0] ?? '';
}

/** An argument of a command as its synopsis writes it: `<specs..>` is `SPECS...`. */
export interface Argument {
  readonly name: string;
  readonly written: string;
}

export function argumentsOf({ command }: Pick<Command, 'command'>): readonly Argument[] {
  return command
    .split(' ')
    .slice(1)
    .map((word) => {
      const [, name = '', more = ''] = /^[<[](\w+)(\.\.)?[>\]]$/.exec(word) ?? [];
      const plain = name.toUpperCase() + (more === '' ? '' : '...');
      return { name, written: word.startsWith('[') ? `[${plain}]` : plain };
    });
}

/** What follows an option's name; empty for one that is on or off. */
export function writtenValue(option: Option): string {
  if (option.choices) return option.choices.join('|');
  return option.type === 'boolean' ? '' : (option.value ?? 'VALUE');
}

/** What holds where an option is not given; empty where nothing does. */
export function defaultOf({
  default: value,
  defaultDescription,
}: Pick<Option, 'default' | 'defaultDescription'>): string {
  if (defaultDescription !== undefined) return defaultDescription;
  if (value === undefined || value === false) return '';
  return Array.isArray(value) ? value.join(',') : String(value);
}
