/** How one fenced block of a document is treated. */
export type Step =
  | {
      readonly kind: 'command';
      readonly command: string;
      /** Documented; 0 where nothing is said. */
      readonly exitCode: number;
      /** The output that a transcript shows below the command. */
      readonly output: readonly string[];
      /** Files that the block leaves, `*` for any name; told of its last command. */
      readonly leaves: readonly string[];
      /** A test of another place that runs it, instead of this one. */
      readonly coveredBy: string | undefined;
      /** A command that takes its place here, because later commands need what it leaves. */
      readonly instead: string | undefined;
    }
  | { readonly kind: 'file'; readonly name: string; readonly text: string };

interface Block {
  readonly language: string;
  readonly lines: readonly string[];
  readonly notes: readonly string[];
}

/**
 * The commands of a document, in order: each line of a block marked `sh`, each line after `$ ` in a block
 * without a mark, and a block that is nothing but one command of npm, npx or node. HTML comments just before a
 * block say more of it: `exit 2`, `covered by FILE` (`; here: COMMAND`), `leaves FILE ...`, `write FILE`.
 */
export function stepsOf(markdown: string): readonly Step[] {
  return blocksOf(markdown).flatMap((block): readonly Step[] => {
    const note = (word: string) =>
      block.notes.find((text) => text.startsWith(`${word} `))?.slice(word.length + 1);
    const name = note('write');
    if (name !== undefined) return [{ kind: 'file', name, text: `${block.lines.join('\n')}\n` }];
    const [coveredBy, instead] = note('covered by')?.split('; here: ') ?? [];
    const commands = commandsOf(block);
    return commands.map(({ command, output }, at) => ({
      kind: 'command',
      command,
      output,
      exitCode: Number(note('exit') ?? 0),
      leaves: at === commands.length - 1 ? (note('leaves')?.split(' ') ?? []) : [],
      coveredBy,
      instead,
    }));
  });
}

function blocksOf(markdown: string): readonly Block[] {
  const blocks: Block[] = [];
  let notes: string[] = [];
  let open: { language: string; lines: string[] } | undefined;
  for (const line of markdown.split('\n')) {
    const fence = /^```(\w*)$/.exec(line);
    if (fence && open) {
      blocks.push({ ...open, notes });
      [open, notes] = [undefined, []];
    } else if (fence) open = { language: fence[1]!, lines: [] };
    else if (open) open.lines.push(line);
    else {
      const note = /^<!-- (.*) -->$/.exec(line)?.[1];
      if (note !== undefined) notes.push(note);
      else if (line !== '') notes = [];
    }
  }
  if (open) throw new Error('a block has no end');
  return blocks;
}

function commandsOf({ language, lines }: Block): { command: string; output: string[] }[] {
  if (language === 'sh') {
    return lines.filter((line) => /^[^#\s]/.test(line)).map((command) => ({ command, output: [] }));
  }
  if (language !== '' && language !== 'console') return [];
  const [only = ''] = lines;
  if (lines.length === 1 && /^(npm|npx|node|git) /.test(only)) {
    return [{ command: only, output: [] }];
  }
  const commands: { command: string; output: string[] }[] = [];
  for (const line of lines) {
    if (line.startsWith('$ ')) commands.push({ command: line.slice(2), output: [] });
    else commands.at(-1)?.output.push(line);
  }
  return commands;
}
