import type { Command, Option } from '../command.ts';

/** The name by which a command is called. */
export function nameOf({ command }: Pick<Command, 'command'>): string {
  return command.split(' ')[0] ?? '';
}

/** An argument of a command, in the notation of the synopsis: `<specs..>` is `SPECS...`. */
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

/** The text after an option's name; empty for a switch. */
export function writtenValue(option: Option): string {
  if (option.choices) return option.choices.join('|');
  return option.type === 'boolean' ? '' : (option.value ?? 'VALUE');
}

/** The default value of an option; empty if there is none. */
export function defaultOf({
  default: value,
  defaultDescription,
}: Pick<Option, 'default' | 'defaultDescription'>): string {
  if (defaultDescription !== undefined) return defaultDescription;
  if (value === undefined || value === false) return '';
  return Array.isArray(value) ? value.join(',') : String(value);
}
