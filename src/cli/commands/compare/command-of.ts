import { shellWord } from '../../../experiment/shell-word.ts';
import type { CompareArguments } from './arguments.ts';

/** The command that makes a comparison again, for a POSIX shell. */
export function commandOf(args: CompareArguments): string {
  const options = [
    ['--base', args.base],
    ['--over', args.over],
    ['--repeat', args.repeat],
    ['--equivalent', args.equivalent],
    ['--fail-if-slower', args.failIfSlower],
    ['--results', args.results === 'results' ? undefined : args.results],
    ['--db', args.db],
    ['--html', args.html],
  ] as const;
  const given = options.flatMap(([name, value]) => (value === undefined ? [] : [name, value]));
  const words = ['ipc-sweep', 'compare', ...args.sides, ...given];
  const switches = [
    ...(args.suspect ? ['--suspect'] : []),
    ...(args.markdown ? ['--markdown'] : []),
  ];
  return [...words, ...switches].map(shellWord).join(' ');
}
