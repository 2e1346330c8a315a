import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { UserError } from '../../src/errors.ts';
import { type Experiment, parseExperiment } from '../../src/experiment/read-experiment.ts';
import { changedText, parseSetting, withChanges } from '../../src/experiment/spec-changes.ts';
import { readYaml } from '../../src/experiment/yaml-source.ts';

const SPEC = `# a comment that stays
name: q
matrix:
  buffer_size: [512, 4KiB] # two
  total_size: 64KiB
  exclude: [{ ipc: tcp }]
trace: { tracer: none }
`;

function changed(text: string, ...settings: string[]): Experiment {
  const changes = settings.map(parseSetting);
  return parseExperiment('f.yaml', text, { allowLarge: false, changes });
}

function complaint(...settings: string[]): string {
  try {
    changed(SPEC, ...settings);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return error.message;
  }
  return 'no complaint';
}

describe('a value that --set puts into a spec', () => {
  it('replaces the one in the file, and the text of the spec has it and keeps its comments', () => {
    const { document, cells, text, options } = changed(
      SPEC,
      'trials=3',
      'trace.tracer=strace',
      'matrix.buffer_size=[1KiB, 2KiB, 4KiB]',
      'matrix.exclude[0].ipc=local',
    );
    expect(document.trials).toMatchObject({ min: 3, max: 3 });
    expect(document.trace.tracer).toBe('strace');
    expect(cells.map(({ bufferBytes }) => bufferBytes)).toEqual([1024, 2048, 4096]);
    expect(text).toContain('# a comment that stays\n');
    expect(parse(text)).toEqual({
      name: 'q',
      matrix: {
        buffer_size: ['1KiB', '2KiB', '4KiB'],
        total_size: '64KiB',
        exclude: [{ ipc: 'local' }],
      },
      trace: { tracer: 'strace' },
      trials: 3,
    });
    expect(options[1]).toEqual({ option: '--set', value: 'trace.tracer=strace' });
    expect(parseExperiment('f.yaml', text, { allowLarge: false }).document).toEqual(document);
  });

  it('is the last one of several for the same path', () => {
    expect(changed(SPEC, 'seed=2', 'seed=3').document.seed).toBe(3);
  });

  it('does not change other places that share an anchor with it', () => {
    const text = 'name: q\nmatrix:\n  buffer_size: &sizes [512, 1KiB]\n  total_size: *sizes\n';
    const { cells, text: written } = changed(text, 'matrix.total_size[0]=2KiB');
    const pairs = cells.map(({ bufferBytes, totalBytes }) => [bufferBytes, totalBytes]);
    expect(pairs).toEqual([
      [512, 2048],
      [1024, 2048],
      [512, 1024],
      [1024, 1024],
    ]);
    expect(parse(written).matrix).toEqual({
      buffer_size: [512, '1KiB'],
      total_size: ['2KiB', '1KiB'],
    });
  });

  it('is checked like the spec, under a caret in what was typed', () => {
    expect(complaint('trace.tracer=nne')).toBe(
      '--set:1:14: trace.tracer: expected one of auto, dtrace, bpftrace, strace, none, got nne; did you mean none?\n' +
        '  trace.tracer=nne\n               ^^^',
    );
    expect(complaint('trase.tracer=none')).toContain('unknown key "trase"; did you mean trace?');
    expect(complaint('trace.tracr=none')).toContain('unknown key "tracr"; did you mean tracer?');
    expect(complaint('trials=1e3')).toContain('got 1e3');
    expect(complaint('matrix.ipc=[pipe, tpc]')).toContain(
      'matrix.ipc[1]: expected one of pipe, local, tcp, shmem, got tpc; did you mean tcp?\n  matrix.ipc=[pipe, tpc]\n                    ^^^',
    );
    expect(complaint('matrix.where=bufer_size > 1')).toContain(
      'did you mean buffer_size?), got bufer_size > 1\n  matrix.where=bufer_size > 1\n               ^^^^^^^^^^',
    );
    expect(complaint('matrix.buffer_size=5KiB')).toContain(
      '--set:1:1: matrix: the matrix has no cell',
    );
  });

  it('is not blamed for errors elsewhere in the file', () => {
    const broken = () => changed('name: q\nsead: 1\n', 'trials=3');
    expect(broken).toThrow('f.yaml:2:1: sead: unknown key "sead"; did you mean seed?');
  });

  it.each([
    ['trials', 'expected an equals sign'],
    ['=3', 'expected keys joined by dots'],
    ['a..b=3', 'expected keys joined by dots'],
    ['__proto__.x=3', 'expected keys joined by dots'],
    ['trials= ', 'expected a value'],
    ['trials={', 'YAML: '],
    ['name.x=3', 'name is not a mapping'],
    ['trace[0]=3', 'trace is not a list'],
    ['matrix.exclude[2]={ ipc: tcp }', 'matrix.exclude has 1 entries, and [1] would be the next'],
  ])('is refused with the option where it cannot be read: %s', (setting, why) => {
    expect(complaint(setting)).toContain(`--set ${JSON.stringify(setting)}: ${why}`);
  });

  it('appears in the text of any spec, and nothing else changes there', () => {
    const key = fc.constantFrom('a', 'b', 'c-d', 'e_f');
    const leaf = fc.oneof(
      fc.integer({ min: 0, max: 99 }),
      fc.boolean(),
      fc.string({ maxLength: 12 }),
    );
    const { value: tree } = fc.letrec((tie) => ({
      value: fc.oneof({ maxDepth: 3 }, leaf, fc.dictionary(key, tie('value'), { minKeys: 1 })),
    }));
    const spec = fc.dictionary(key, tree, { minKeys: 1 });
    const path = fc.array(key, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(spec, path, leaf, (whole, keys, value) => {
        const plain = JSON.parse(JSON.stringify(whole));
        const written = `${keys.join('.')}=${JSON.stringify(value)}`;
        const text = JSON.stringify(plain, null, 1);
        const read = readYaml(text);
        fc.pre(read.state === 'ok');
        const changes = [parseSetting(written)];
        let source: ReturnType<typeof withChanges>;
        try {
          source = withChanges(read.source, changes);
        } catch (error) {
          // The path leads through something that is no mapping.
          expect(error).toBeInstanceOf(UserError);
          return;
        }
        const wanted = structuredClone(plain);
        let at = wanted;
        for (const step of keys.slice(0, -1)) at = at[step] ??= {};
        at[keys.at(-1)!] = value;
        expect(source.value).toEqual(wanted);
        const again = readYaml(changedText(text, source.value, changes));
        expect(again.state === 'ok' && again.source.value).toEqual(wanted);
      }),
    );
  });
});

describe('matrix.only', () => {
  const only = (condition: string, more = '') =>
    changed(`${SPEC}${more}`, `matrix.only=${condition}`);

  it('selects cells, also those of include, and lists the others as left out', () => {
    const { cells, leftOut } = changed(
      SPEC,
      'matrix.include=[{ buffer_size: 8192 }, { buffer_size: 16KiB }]',
      'matrix.only=buffer_size in [4KiB, 16KiB]',
    );
    expect(cells.map(({ bufferBytes }) => bufferBytes)).toEqual([4096, 16384]);
    expect(leftOut.map(({ cell, cause }) => [cell.bufferBytes, cause])).toEqual([
      [512, 'only'],
      [8192, 'only'],
    ]);
  });

  it('invalidates neither an expectation about other cells nor a matrix that must be complete', () => {
    const more = 'expect: [bandwidth.cv < 10% when buffer_size == 512]\ninvalid_cells: error\n';
    expect(only('buffer_size == 4KiB', more).cells).toHaveLength(1);
  });

  it('is refused where it selects nothing, cannot be evaluated, or uses an axis that does not exist', () => {
    expect(() => only('buffer_size == 3')).toThrow('matrix.only is not true for it');
    expect(() => only('1 / (buffer_size - 512) == 0')).toThrow('the condition fails for');
    expect(() => only('host == "a"')).toThrow('the host is no axis here');
  });
});
