import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { ExitCode, UserError } from '../../src/errors.ts';
import { LIMITS } from '../../src/experiment/limits.ts';
import {
  type Experiment,
  loadExperiment,
  parseExperiment,
} from '../../src/experiment/read-experiment.ts';
import { YAML_LIMITS } from '../../src/experiment/yaml-source.ts';
import { INSTRUMENT_NAMES } from '../../src/instruments/instruments.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'ipc-sweep-spec-'));
afterAll(() => rmSync(folder, { recursive: true }));

const parse = (text: string): Experiment => parseExperiment('f.yaml', text, { allowLarge: false });

/** Returns the message that the user would read; a bug is thrown on. */
function complaint(text: string, load: (text: string) => unknown = parse): string {
  try {
    load(text);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    expect(error.exitCode).toBe(ExitCode.usage);
    return error.message;
  }
  return 'no complaint';
}

/** The first line of each problem. */
const headlines = (text: string) =>
  complaint(text)
    .split('\n\n')
    .map((problem) => problem.split('\n')[0]);

describe('the message about a faulty spec', () => {
  it('shows every problem at once, in the order of the file, with the text of the file', () => {
    const text = `name: q
trials: 1e3
matrix:
  bufer_size: 4KiB
  total_size: [1.5, 64KiB]
  ipc: pip
  where: buffer_size > limit
trace: { instruments: [syscall] }
timeout:
`;
    expect(complaint(text)).toBe(`\
f.yaml:2:9: trials: expected a whole number of trials, or { min: 11, max: 50, until: { relative_ci: 2% } }, got 1e3
  trials: 1e3
          ^^^

f.yaml:4:3: matrix.bufer_size: unknown key "bufer_size"; did you mean buffer_size?
    bufer_size: 4KiB
    ^^^^^^^^^^

f.yaml:5:16: matrix.total_size[0]: expected a size: whole bytes such as 4096, or 4KiB = 4k = 4096 bytes, 1MiB = 1M = 1048576, 4kB = 4000, got 1.5
    total_size: [1.5, 64KiB]
                 ^^^

f.yaml:6:8: matrix.ipc: expected one of pipe, local, tcp, shmem, or a list of them, got pip; did you mean pipe?
    ipc: pip
         ^^^

f.yaml:7:24: matrix.where: expected a condition over host, program, ipc, mode, socket_buffers, total_size, buffer_size (Unknown variable: limit), got buffer_size > limit
    where: buffer_size > limit
                         ^^^^^

f.yaml:8:24: trace.instruments[0]: expected an instrument: ${INSTRUMENT_NAMES.join(', ')}, got syscall; did you mean syscalls?
  trace: { instruments: [syscall] }
                         ^^^^^^^

f.yaml:9:9: timeout: expected auto, or a duration such as 500ms, 30s, 5m or 2h, got nothing
  timeout:
          ^`);
  });

  it('shows the problems of the whole matrix beside those of the other parts', () => {
    expect(
      headlines('name: q\nsede: 1\nmatrix: { buffer_size: [1, 2], zip: [[ipc, buffer_size]] }\n'),
    ).toEqual([
      'f.yaml:2:1: sede: unknown key "sede"; did you mean seed?',
      'f.yaml:3:38: matrix.zip[0]: expected axes of equal length; ipc has 1, buffer_size has 2',
    ]);
  });

  it.each([
    ['1e3', '1e3'],
    ['0x10', '0x10'],
    ['1.5', '1.5'],
    ['010', '010'],
    ['-1', '-1'],
    ['.inf', '.inf'],
    ['99999999999999999999', '99999999999999999999'],
    ['"1e3"', '"1e3"'],
    ['{ a: 1 }', '{ a: 1 }'],
    ['~', '~'],
    ['', 'nothing'],
    ['\n  a: 1', 'a mapping'],
    ['\n  - 1', 'a list'],
    ['|\n  a\n  b', '| a b'],
    ['&x tr', 'tr'],
  ])('shows seed: %j as %s, once', (written, shown) => {
    expect(headlines(`name: q\nseed: ${written}\n`)).toEqual([
      expect.stringMatching(/^f\.yaml:[23]:\d+: seed: expected .*, got /),
    ]);
    expect(complaint(`name: q\nseed: ${written}\n`)).toContain(`got ${shown}\n`);
  });

  it.each([
    ['sede: 1', 'did you mean seed?'],
    ['trails: 1', 'did you mean trials?'],
    ['Order: shuffled', 'did you mean order?'],
    ['buffer_size: 1', 'it belongs under matrix: (matrix.buffer_size)'],
    ['iterations: 1', 'it belongs under benchmark: (benchmark.iterations)'],
    ['matrix: { trials: 1 }', 'it belongs at the top of the file, without indentation'],
    ['matrix: { exclude: [{ ip: tcp }] }', 'did you mean ipc?'],
    ['matrix: { buffer_size: { from: 1, to: 2, facter: 2 } }', 'did you mean factor?'],
    ['zzz: 1', 'known here: name, description, benchmark, matrix'],
    ['matrix: { mode: 2prc }', 'did you mean 2proc?'],
    ['matrix: { ipc: [pipe, tpc] }', 'did you mean tcp?'],
    ['trace: { tracer: bpf }', 'did you mean bpftrace?'],
    ['order: round_robin', 'did you mean round-robin?'],
    ['order: "Shuffled"', 'did you mean shuffled?'],
    ['invalid_cells: skp', 'did you mean skip?'],
  ])('suggests what was probably meant by %s', (line, hint) => {
    expect(complaint(`name: q\n${line}\n`)).toContain(hint);
  });

  it('suggests nothing when no word is near', () => {
    expect(complaint('name: q\nmatrix: { ipc: udp }\n')).not.toContain('did you mean');
  });

  it('names a misspelt key of a range, and the key that is missing because of it', () => {
    expect(headlines('name: q\nmatrix: { buffer_size: { from: 1, too: 4, factor: 1 } }')).toEqual([
      expect.stringContaining('matrix.buffer_size.to: missing: expected a size'),
      expect.stringContaining('unknown key "too"; did you mean to?'),
      expect.stringContaining(
        'matrix.buffer_size.factor: expected a whole factor of at least 2, got 1',
      ),
    ]);
  });

  it.each([
    ['plain', 'buffer_size <= 4 KiB && ipc = "tcp"', 1, '='],
    ['in quotes', '"buffer_size <= 4KiB && ipc = \'tcp\'"', 1, '='],
    ['a block', '|\n    buffer_size <= 4KiB &&\n    nosuch > 1\n', 3, 'nosuch'],
    ['a folded block', '>-\n    buffer_size <= 4KiB\n    && nosuch > 1\n', 3, 'nosuch'],
    ['over two lines', 'buffer_size <= 4KiB\n    && nosuch > 1\n', 2, 'nosuch'],
  ])('puts the caret under the wrong word of a condition: %s', (_, where, line, word) => {
    const [first = '', shown = '', caret = ''] = complaint(
      `matrix:\n  where: ${where}\nname: q\n`,
    ).split('\n');
    expect(first).toMatch(new RegExp(`^f\\.yaml:${line + 1}:\\d+: matrix\\.where: `));
    expect(shown.slice(caret.indexOf('^'), caret.length)).toBe(word);
  });

  it('underlines a whole condition if its escapes hide the position of a word', () => {
    expect(complaint('name: q\nmatrix: { where: "\\x69pc = 1" }\n')).toContain(
      '^'.repeat('"\\x69pc = 1"'.length),
    );
  });

  it('puts the caret in the right place in a very long line and with tabs and CRLF', () => {
    const long = complaint(`name: q\nmatrix: { where: "${'x'.repeat(900)}", ipc: ip }\n`).split(
      '\n',
    );
    const at = long.findIndex((line) => line.includes('matrix.ipc'));
    expect(long[at + 1]!.length).toBeLessThanOrEqual(162);
    expect(long[at + 1]!.slice(long[at + 2]!.indexOf('^'))).toMatch(/^ip /);
    expect(complaint('name: q\r\nseed:\t-1\r\n')).toBe(
      'f.yaml:2:7: seed: expected a whole number from 0 to 4294967295, got -1\n  seed: -1\n        ^^',
    );
  });

  it('sends no control character to the terminal', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (key, value) => {
        const shown = complaint(`${JSON.stringify(key)}: ${JSON.stringify(value)}\nname: ${value}`);
        expect(shown).not.toMatch(/[\0-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e]/);
      }),
    );
  });

  it.each([
    ['wrong values', `name: q\nmatrix: { buffer_size: [${'x,'.repeat(300)}] }`, 300],
    [
      'unknown keys',
      `name: q\n${Array.from({ length: 300 }, (_, at) => `k${at}: 1\n`).join('')}`,
      300,
    ],
    ['marks that YAML does not know', `name: q\n${'@\n'.repeat(300)}`, 600],
  ])('shows fifty problems and counts the others: %s', (_, text, all) => {
    const shown = complaint(text);
    expect(shown.match(/^f\.yaml:/gm)).toHaveLength(50);
    expect(shown).toContain(`... and ${all - 50} more`);
  });
});

describe('YAML that has no meaning in a spec', () => {
  const depth = YAML_LIMITS.depth;
  it.each([
    [
      'a tab',
      'name: q\nmatrix:\n\tipc: pipe\n',
      '3:1: YAML: Tabs are not allowed as indentation (indent with blanks, not with tabs)',
    ],
    ['a key twice', 'name: q\nname: r\n', '2:1: the key "name" stands here twice'],
    [
      'a key twice in a flow map',
      'name: q\nmatrix: {ipc: pipe, ipc: tcp}\n',
      '2:21: the key "ipc" stands here twice',
    ],
    [
      'a second document',
      'name: q\n---\nname: r\n',
      '2:1: YAML: expected one document; here begins a second one',
    ],
    [
      'an alias without an anchor',
      'name: q\ndescription: *d\n',
      '2:14: the anchor &d must stand before its alias',
    ],
    ['a number as key', 'name: q\n1: 2\n', '2:1: expected a word as key'],
    ['a mapping as key', 'name: q\n{ a: 1 }: 2\n', '2:1: expected a word as key'],
    ['an alias as key', 'name: &n q\n*n : 2\n', '2:1: expected a word as key'],
    ['nothing as key', 'name: q\n: 2\n', '2:1: expected a word as key'],
    [
      'a tag for functions',
      'name: !!js/function q\n',
      '1:7: YAML: Unresolved tag: tag:yaml.org,2002:js/function',
    ],
    ['a tag of its own', 'name: !foo q\n', '1:7: YAML: Unresolved tag: !foo'],
    ['a binary tag', 'name: !!binary aGk\n', '1:7: YAML: Unresolved tag: tag:yaml.org,2002:binary'],
    ['a merge key', 'name: q\n<<: { trials: 3 }\n', '2:1: ["<<"]: unknown key "<<"'],
    [
      'words of YAML 1.1',
      '%YAML 1.1\n---\nname: q\nbenchmark: { bare: yes }\n',
      '4:20: benchmark.bare: expected true or false, got yes',
    ],
    ['a list', '- name: q\n', '1:1: expected a mapping of keys to values, got a list'],
    ['a word', 'quickstart\n', '1:1: expected a mapping of keys to values, got quickstart'],
    ['an open bracket', 'name: [q\n', '2:1: YAML: Flow sequence in block collection must be'],
    ['nothing', '', '1:1: the spec is empty'],
    ['only a comment', '# name: q\n', '1:1: the spec is empty'],
    ['only a document marker', '---\n', '1:1: the spec is empty'],
    [
      'a null matrix',
      'name: q\nmatrix:\n',
      '2:8: matrix: expected a mapping of keys to values, got nothing',
    ],
    ['__proto__', 'name: q\n__proto__: { trials: 0 }\n', '2:1: __proto__: unknown key "__proto__"'],
    [
      'constructor',
      'name: q\nmatrix: { constructor: 1 }\n',
      '2:11: matrix.constructor: unknown key "constructor"',
    ],
    [
      '__proto__ in include',
      'name: q\nmatrix: { include: [{ __proto__: { ipc: tcp } }] }\n',
      '2:23: matrix.include[0].__proto__: unknown key',
    ],
    [
      'itself',
      'name: q\nmatrix: { exclude: &a [*a] }\n',
      '2:24: this alias stands inside the value that it repeats',
    ],
    [
      'too many aliases',
      `name: &a q\nb: [${'*a,'.repeat(101)}]\n`,
      '2:305: too many aliases: expected at most 100',
    ],
    [
      'a thousand brackets',
      `name: ${'['.repeat(1000)}`,
      `1:24: nested too deeply: expected at most ${depth} levels`,
    ],
    [
      'a thousand mappings',
      'a: '.repeat(1000),
      `: nested too deeply: expected at most ${depth} levels`,
    ],
    [
      'a thousand lists',
      '- '.repeat(1000),
      `: nested too deeply: expected at most ${depth} levels`,
    ],
    ['a long file', '#'.repeat(YAML_LIMITS.characters + 1), '1:1: the file is too long'],
  ])('is refused with its place: %s', (_what, text, message) => {
    expect(complaint(text)).toContain(message);
  });

  it.each([
    ['KEY: { trials: 3 }', 'KEY'],
    ['benchmark: { KEY: 1 }', 'benchmark.KEY'],
    ['matrix: { KEY: 1 }', 'matrix.KEY'],
    ['matrix: { buffer_size: { from: 1, to: 8, factor: 2, KEY: 1 } }', 'matrix.buffer_size.KEY'],
    ['matrix: { exclude: [{ ipc: tcp, KEY: 1 }] }', 'matrix.exclude[0].KEY'],
    ['matrix: { include: [{ ipc: tcp, KEY: 1 }] }', 'matrix.include[0].KEY'],
    ['trace: { KEY: 1 }', 'trace.KEY'],
    ['trace: { options: { bufsize: 4m, KEY: 1 } }', 'trace.options.KEY'],
    ['trials: { until: { relative_ci: 5% }, KEY: 1 }', 'trials.KEY'],
    ['trials: { until: { relative_ci: 5%, KEY: 1 } }', 'trials.until.KEY'],
    ['retry: { failed: 1, KEY: 1 }', 'retry.KEY'],
  ])('is reported even if it is a key called __proto__ in a mapping: %s', (yaml, path) => {
    const at = yaml.indexOf('KEY') + 1;
    for (const key of ['__proto__', 'oddity']) {
      const [first, ...others] = headlines(`name: q\n${yaml.replace('KEY', key)}\n`);
      expect(first).toContain(
        `f.yaml:2:${at}: ${path.replace('KEY', key)}: unknown key "${key}"; `,
      );
      expect(others).toEqual([]);
    }
  });

  it('is reported once for a key that is not a word', () => {
    expect(headlines('name: q\n1: 2\n{ a: 1 }: 3\n')).toEqual([
      'f.yaml:2:1: expected a word as key',
      'f.yaml:3:1: expected a word as key',
    ]);
  });

  it('is refused before aliases of aliases multiply it', () => {
    const levels = [...'abcdefghi'].map(
      (name, at, all) => `${name}: &${name} [${Array(9).fill(at ? `*${all[at - 1]}` : 'x')}]`,
    );
    expect(complaint(`name: q\n${levels.join('\n')}\n`)).toContain('this alias is one too many');
  });

  it('is refused where aliases stand for more than a file could hold', () => {
    const list = `[${'1e6, '.repeat(10_000)}]`;
    const uses = '    - { buffer_size: *sizes }\n'.repeat(98);
    const text = `name: q\ndescription: &sizes ${list}\nmatrix:\n  exclude:\n${uses}`;
    expect(headlines(text)).toEqual([
      `f.yaml:18:22: this alias is one too many: with each alias written out, the spec would hold more than ${YAML_LIMITS.values} values`,
    ]);
    // Few enough: what is wrong with the values is shown.
    const few = complaint(text.replace(uses, '    - { buffer_size: *sizes }\n'.repeat(3)));
    expect(few).toMatch(/^f\.yaml:2:21: description: /);
    expect(few).toMatch(/\n\.\.\. and 29952 more$/);
  });

  it('is distinguished from YAML that a spec may use', () => {
    expect(parse('\ufeffname: q\r\ntrials: 2\r\n').document.trials.max).toBe(2);
    expect(parse('name: !!str 5\n').document.name).toBe('5');
    expect(parse('name: q\ndescription: "日本語 😀"\n').document.description).toBe('日本語 😀');
    const shared = 'name: q\nmatrix: { buffer_size: &s [1KiB, 2KiB], total_size: *s }\n';
    expect(parse(shared).cells).toHaveLength(3);
    expect(parse(`name: q\nmatrix: ${JSON.stringify({ ipc: 'tcp' })}`).cells[0]!.ipc).toBe('tcp');
  });

  it.each([
    ['brackets', '['],
    ['dashes', '- '],
    ['question marks', '? '],
    ['quotes', '"'],
    ['braces', '}'],
    ['commas in a list', ','],
    ['aliases', '*a '],
    ['anchors', '&a '],
    ['tags', '! '],
    ['empty documents', '---\n'],
    ['tabs', 'a:\n\tb: 1\n'],
    ['the same key', 'a: 1\n'],
    ['colons', 'a: '],
    ['control characters', '\x01'],
    ['halves of characters', '\ud800'],
  ])(
    'is refused in moderate time when it fills a whole file: %s',
    (_what, part) => {
      const text = `${part === ',' ? '[' : ''}${part.repeat(YAML_LIMITS.characters)}`.slice(
        0,
        YAML_LIMITS.characters,
      );
      expect(complaint(text)).toMatch(/^f\.yaml:\d+:\d+: /);
    },
    120_000,
  );
});

describe('a matrix that cannot be run', () => {
  it.each([
    ['buffer_size: []', '2:24: matrix.buffer_size: expected at least one size, got []'],
    ['ipc: []', '2:16: matrix.ipc: expected at least one of pipe, local, tcp, shmem, got []'],
    [
      'exclude: [{ mode: [] }]',
      'matrix.exclude[0].mode: expected at least one of 2proc, 2thread, got []',
    ],
    ['exclude: [{}]', 'matrix.exclude[0]: expected at least one axis with a value, got {}'],
    [
      'exclude: pipe',
      'matrix.exclude: expected a list such as [{ ipc: tcp, buffer_size: 512 }], got pipe',
    ],
    ['zip: [[]]', 'matrix.zip[0]: expected at least two axes to advance together, got []'],
    [
      'zip: ipc',
      'matrix.zip: expected a list of groups such as [[buffer_size, total_size]], got ipc',
    ],
    ['buffer_size: { from: 1, to: 9, step: 0 }', 'matrix.buffer_size.step: expected a size'],
    [
      'buffer_size: { from: 9, to: 1, step: 1 }',
      'expected a range whose from is not above its to, got { from: 9',
    ],
    ['buffer_size: { from: 1, to: 9 }', 'expected either factor or step (one of them, not both)'],
    [
      'buffer_size: { from: 1, to: 9, factor: 2, step: 1 }',
      'expected either factor or step (one of them, not both)',
    ],
    [
      'buffer_size: { from: 1, to: 1GiB, step: 1 }',
      'matrix.buffer_size: expected a range of at most 10000 values',
    ],
    ['buffer_size: 0', 'matrix.buffer_size: expected a size'],
    [
      'where: true',
      'matrix.where: expected a condition such as "total_size / buffer_size <= 4096", got true',
    ],
    [
      'where: 1 / (buffer_size - 131072) > 0',
      'matrix.where: the condition fails for pipe,2proc,131072,16777216: division by zero',
    ],
    [
      'exclude: [{ ipc: pipe }]',
      'matrix: the matrix has no cell to run; the first was left out: matches matrix.exclude[0]',
    ],
    [
      'buffer_size: [1, 2], include: [{ ipc: tcp }]',
      'matrix.include[0]: expected a value for buffer_size',
    ],
    [
      'buffer_size: &r { from: 1, to: 101, step: 1 }, total_size: *r',
      'matrix: 10201 cells, and the limit is 10000: narrow an axis, or pass --allow-large',
    ],
  ])('is refused with its place: %s', (axes, message) => {
    expect(complaint(`name: q\nmatrix: { ${axes} }\n`)).toContain(message);
  });

  it.each([
    ['values on an axis', `buffer_size: [${Array(10_001).fill(1)}]`, 'at most 10000 sizes'],
    ['patterns', `exclude: [${Array(1001).fill('{ ipc: tcp }')}]`, 'at most 1000 entries'],
    ['characters in where', `where: "${'!'.repeat(99_000)}"`, 'at most 2000 characters'],
  ])('is refused with its place when there are too many %s', (_what, axes, message) => {
    expect(headlines(`name: q\nmatrix: { ${axes} }\n`)).toEqual([
      expect.stringMatching(`^f\\.yaml:2:\\d+: matrix\\.\\w+: expected ${message}, got `),
    ]);
  });

  it('is refused for invalid cells when the spec asks for that, unless they are excluded', () => {
    const asked =
      'name: q\ninvalid_cells: error\nmatrix:\n  buffer_size: [3, 4]\n  total_size: 8\n';
    expect(complaint(asked)).toContain(
      'f.yaml:4:3: matrix: invalid_cells is error, and 1 of 2 cells cannot run: total 8 is not a multiple of buffer 3',
    );
    expect(parse(`${asked}  exclude: [{ buffer_size: 3 }]\n`).cells).toHaveLength(1);
    expect(parse(`${asked}  where: total_size % buffer_size == 0\n`).cells).toHaveLength(1);
    expect(parse(asked.replace('error', 'skip')).leftOut).toHaveLength(1);
  });

  it('is refused when cells times trials are too many runs', () => {
    const many =
      'name: q\ntrials: 10000\nmatrix: { buffer_size: { from: 1, to: 128, step: 1 }, total_size: [64, 127, 48, 36, 120, 100, 96, 84, 90, 60, 72, 126, 108] }\n';
    const { length } = parse(many.replace('10000', '1')).cells;
    expect(complaint(many)).toContain(
      `f.yaml:2:9: trials: ${length * 10_000} runs, and the limit is ${LIMITS.runs}: narrow an axis, or ask for fewer trials, or pass --allow-large`,
    );
    expect(parseExperiment('f.yaml', many, { allowLarge: true }).cells).toHaveLength(length);
  });

  it('may have hundreds of thousands of cells when --allow-large is given', () => {
    const many =
      'name: q\ntrials: 1\nmatrix: { buffer_size: &r { from: 1, to: 500, step: 1 }, total_size: *r }\n';
    expect(complaint(many)).toContain('pass --allow-large');
    const { cells, leftOut } = parseExperiment('f.yaml', many, { allowLarge: true });
    expect(cells.length + leftOut.length).toBe(250_000);
  });
});

describe('a timeout', () => {
  it.each(['0s', '577h', '999999999h'])(
    'of %s is refused, because no timer can hold it',
    (timeout) => {
      expect(complaint(`name: q\ntimeout: ${timeout}\n`)).toContain(
        `f.yaml:2:10: timeout: expected a duration from 1ms to 576h (24 days), got ${timeout}`,
      );
    },
  );

  it('is read in ms', () => {
    expect(parse('name: q\ntimeout: 30s\n').document.timeout).toBe(30_000);
    expect(parse('name: q\ntimeout: 576h\n').document.timeout).toBe(LIMITS.timeoutMs);
  });
});

describe('a spec file', () => {
  const load = (path: string) => loadExperiment(path, { allowLarge: false });
  const file = (name: string, content: string | Buffer) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };

  it('that is missing, a directory, too long or not UTF-8 is refused with its name', () => {
    const missing = join(folder, 'missing.yaml');
    expect(complaint(missing, load)).toBe(`cannot read the spec ${missing}: there is no such file`);
    expect(complaint(folder, load)).toBe(`${folder} is a directory; expected a YAML file`);
    const latin1 = file('latin1.yaml', Buffer.from('name: q\n# caf\xe9\n', 'latin1'));
    expect(complaint(latin1, load)).toBe(`${latin1}:2: the file is not valid UTF-8`);
    const long = file('long.yaml', '#'.repeat(4 * YAML_LIMITS.characters + 1));
    expect(complaint(long, load)).toContain('is too long: a spec has at most');
    expect(complaint(file('empty.yaml', ''), load)).toContain('empty.yaml:1:1: the spec is empty');
  });

  it('that is a directory is refused with the name of a spec in it, if there is one', () => {
    const directory = mkdtempSync(join(folder, 'specs-'));
    const hinted = (hint: string) =>
      expect(() => load(directory)).toThrow(expect.objectContaining({ hint }));
    hinted('no YAML file is in it; `ipc-sweep init FILE` writes a spec');
    writeFileSync(join(directory, 'b.yaml'), '');
    writeFileSync(join(directory, 'notes.txt'), '');
    hinted(`name a file in it, such as ${join(directory, 'b.yaml')}`);
    writeFileSync(join(directory, 'a.yml'), '');
    hinted(`name a file in it, such as ${join(directory, 'a.yml')} (one of 2)`);
  });

  it.skipIf(process.platform === 'win32')('that never ends is read up to the limit only', () => {
    expect(complaint('/dev/zero', load)).toContain('is too long');
  });

  it('may begin with a byte order mark and end its lines with CR LF', () => {
    expect(load(file('bom.yaml', '\ufeffname: q\r\n')).document.name).toBe('q');
  });

  it('names the benchmark by a path from its own folder', () => {
    const path = file('program.yaml', 'name: q\nbenchmark: { program: ../ipc-benchmark }\n');
    const program = join(folder, '..', 'ipc-benchmark');
    expect(load(path).programs).toEqual([{ name: '', program }]);
    const bundled = { name: '', program: 'bundled' };
    expect(load(file('bundled.yaml', 'name: q\n')).programs).toEqual([bundled]);
  });

  it('may name several benchmarks, each of which makes every cell', () => {
    const path = file(
      'programs.yaml',
      'name: q\nbenchmark: { programs: { new: ../ipc-benchmark, base: bundled } }\n',
    );
    const { programs, cells } = load(path);
    expect(programs).toEqual([
      { name: 'new', program: join(folder, '..', 'ipc-benchmark') },
      { name: 'base', program: 'bundled' },
    ]);
    expect(cells.map(({ program }) => program)).toEqual(['new', 'base']);
  });

  it.each([
    ['program: x, programs: { a: x, b: y }', 'benchmark: expected program or programs, not both'],
    ['programs: { a: x }', 'benchmark.programs: expected at least two programs'],
    ['programs: [x, y]', 'benchmark.programs: expected a name for each of several programs'],
    ['programs: { a: x, b: 1 }', 'benchmark.programs.b: expected bundled, or the path of'],
    ['programs: { a: x, b/c: y }', 'benchmark.programs["b/c"]: expected the name of a program'],
    ['programs: { a: x, "1": y }', 'expected the name of a program: letters, digits'],
    ['programs: { a: x, b: y, __proto__: z }', 'expected the name of a program: letters, digits'],
    ['programs: { a: x, a: y }', 'the key "a" stands here twice'],
  ])('is refused with the benchmarks of { %s }', (yaml, said) => {
    const path = file('misnamed.yaml', `name: q\nbenchmark: { ${yaml} }\n`);
    expect(complaint(path, load)).toContain(said);
  });

  it('is refused with the place of a name that a program cannot have', () => {
    for (const name of ['b/c', '__proto__']) {
      const path = file('pointed.yaml', `name: q\nbenchmark: { programs: { a: x, ${name}: y } }\n`);
      expect(complaint(path, load)).toMatch(/:2:32: benchmark\.programs\S+ expected the name of a/);
    }
  });

  it('may use the program in an expectation only where there are several programs', () => {
    const expectation = 'expect: [\'runs.failed == 0 when program == "a"\']\n';
    const several = 'benchmark: { programs: { a: x, b: y } }\n';
    expect(load(file('asks.yaml', `name: q\n${several}${expectation}`)).expectations).toHaveLength(
      1,
    );
    expect(complaint(file('asks-alone.yaml', `name: q\n${expectation}`), load)).toContain(
      'the program is no axis here',
    );
  });

  it.each(readdirSync(join(root, 'experiments')).filter((name) => name.endsWith('.yaml')))(
    'in experiments/ loads, and names the schema in its first line: %s',
    (name) => {
      const path = join(root, 'experiments', name);
      expect(readFileSync(path, 'utf8').split('\n')[0]).toBe(
        '# yaml-language-server: $schema=../schema/experiment.schema.json',
      );
      expect(load(path).cells.length).toBeGreaterThan(0);
    },
  );

  it('written by init loads', () => {
    const { cells } = load(join(root, 'src/cli/commands/init/template.yaml'));
    expect(cells.length).toBeGreaterThan(0);
  });

  it('written by init loads with the expectations that its comments show', () => {
    const template = readFileSync(join(root, 'src/cli/commands/init/template.yaml'), 'utf8');
    const text = template.replace(/^# (expect:| {2}- )/gm, '$1');
    const { expectations } = parseExperiment('x.yaml', text, { allowLarge: false });
    expect(expectations).toHaveLength(3);
  });
});

describe('a file with any contents', () => {
  const word = fc.constantFrom(
    ...'name matrix buffer_size total_size ipc mode zip exclude include where trace tracer instruments trials seed order timeout from to factor step q 4KiB 1e3 -1 0 pipe 2proc ~ true 1.5 __proto__ constructor "x" \'y\' a'.split(
      ' ',
    ),
  );
  const mark = fc.constantFrom(
    ...[
      ': ',
      '\n',
      '\n  ',
      '\n- ',
      ', ',
      '[',
      ']',
      '{',
      '}',
      '&a ',
      '*a',
      '!!set ',
      '!x ',
      '| ',
      '> ',
      '"',
      "'",
      '#',
      '\t',
      '\r\n',
      '---\n',
      '...',
      '%YAML 1.1\n',
      '<<: ',
      '? ',
      '@',
      '\0',
      '\ufeff',
      'é',
      '\ud83d',
    ],
  );
  const garbage = fc.oneof(
    fc.array(fc.oneof(word, mark), { maxLength: 40 }).map((parts) => parts.join('')),
    fc.string({ unit: 'binary', maxLength: 60 }),
  );

  const valid = `name: q
benchmark: { program: bundled, bare: true, iterations: 2 }
matrix:
  buffer_size: { from: 512, to: 4KiB, factor: 2 }
  total_size: [8KiB, 1MiB]
  ipc: [pipe, tcp]
  mode: 2proc
  socket_buffers: [false, true]
  zip: [[total_size, ipc]]
  exclude: [{ ipc: tcp, buffer_size: [512, 1024] }]
  where: total_size / buffer_size <= 4096 && mode == "2proc"
  include: [{ ipc: local, buffer_size: 1, total_size: 4, socket_buffers: false }]
trace: { tracer: none, instruments: [syscalls] }
trials: 3
timeout: 30s
`;
  const mutated = fc
    .array(
      fc.record({
        at: fc.nat(valid.length),
        drop: fc.oneof(fc.nat(3), fc.nat(40)),
        put: fc.oneof(word, mark, fc.constant('')),
      }),
      { minLength: 1, maxLength: 4 },
    )
    .map((edits) =>
      edits.reduce(
        (text, { at, drop, put }) => text.slice(0, at) + put + text.slice(at + drop),
        valid,
      ),
    );

  it.each([
    ['garbage', garbage, 500],
    ['a valid spec with slips', mutated, 500],
  ] as const)(
    'is either a valid experiment or refused with a place: %s',
    (_what, texts, numRuns) => {
      expect(parse(valid).cells.length).toBeGreaterThan(2);
      fc.assert(
        fc.property(texts, (text) => {
          try {
            const { cells, document } = parse(text);
            expect(cells.length).toBeGreaterThan(0);
            expect(document.trials.max).toSatisfy(Number.isInteger);
          } catch (error) {
            if (!(error instanceof UserError)) throw error;
            for (const problem of error.message.split('\n\n')) {
              expect(problem).toMatch(
                /^(f\.yaml:\d+:\d+: .+\n {2}.*\n {2} *\^+$|\.\.\. and \d+ more)/,
              );
            }
          }
        }),
        { numRuns },
      );
    },
  );
});
