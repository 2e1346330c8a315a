import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FoundDocument, readNotebook } from '../../src/benchmark/notebook.ts';

const recorded = (name: string) =>
  readFileSync(
    fileURLToPath(new URL(`../fixtures/ipc-benchmark/${name}.stdout`, import.meta.url)),
    'utf8',
  );

const RUNS = ['canonical', 'g3', 'local', 'two_thread', 'bare_g_n11'].map(recorded);
const parsed = RUNS.map((text) => JSON.parse(text));

function found(text: string): readonly FoundDocument[] {
  const notebook = readNotebook(text);
  return notebook.state === 'documents' ? notebook.documents : [];
}

const values = (text: string) =>
  found(text).map((document) => (document.state === 'found' ? JSON.parse(document.text) : 'cut'));
const places = (text: string) => found(text).map(({ place }) => place);

/** Joins the lines of the shell's answer with blanks, as the labs' notebook keeps them. */
const joined = (text: string) => text.trim().split('\n').join(' ');

const codeCell = (...outputs: unknown[]) => ({ cell_type: 'code', source: [RUNS[0]], outputs });
const notebookOf = (...cells: unknown[]) =>
  JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells });

describe('readNotebook finds', () => {
  it('one document in a file of its own', () => {
    expect(values(RUNS[0]!)).toEqual([parsed[0]]);
    expect(places(RUNS[0]!)).toEqual(['all of it']);
  });

  it('documents one after another, with words between them, each with its line', () => {
    const text = `Running {set} "1\n${RUNS[0]}it's {"a": 1} }\nDone.\n${RUNS[1]}`;
    expect(values(text)).toEqual([parsed[0], parsed[1]]);
    expect(places(text)).toEqual(['line 2', `line ${RUNS[0]!.split('\n').length + 3}`]);
  });

  it('the dictionary of the labs notebook, dumped as JSON', () => {
    const text = JSON.stringify({ 16384: joined(RUNS[0]!), 32768: joined(RUNS[1]!) });
    expect(values(text)).toEqual([parsed[0], parsed[1]]);
    expect(places(text)).toEqual(['at ["16384"], line 1', 'at ["32768"], line 1']);
  });

  it('the same dictionary as Python shows it', () => {
    const text = `{16384: '${joined(RUNS[0]!)}',\n 32768: '${RUNS[1]!.replaceAll('\n', '\\n')}'}`;
    expect(values(text)).toEqual([parsed[0], parsed[1]]);
  });

  it('a list of documents, whatever the order of their keys', () => {
    const turned = Object.fromEntries(Object.entries(parsed[1]).reverse());
    expect(values(JSON.stringify([parsed[0], { label: 'x', ...turned }]))).toEqual([
      parsed[0],
      { label: 'x', ...parsed[1] },
    ]);
  });

  it('the output of the cells of a notebook, and not their source', () => {
    const text = notebookOf(
      { cell_type: 'markdown', source: RUNS[2] },
      codeCell(
        { output_type: 'stream', name: 'stdout', text: RUNS[0]!.split(/(?<=\n)/) },
        { output_type: 'display_data', data: { 'image/png': 'AAAA', 'text/plain': '<Figure>' } },
      ),
      codeCell({
        output_type: 'execute_result',
        data: { 'text/plain': [`{16384: '${joined(RUNS[1]!)}'}`] },
      }),
    );
    expect(values(text)).toEqual([parsed[0], parsed[1]]);
    expect(places(text)).toEqual(['cell 2, output 1, line 1', 'cell 3, output 1, line 1']);
  });

  it('documents that were printed in parts, with warnings and pictures in between', () => {
    const [first, second, third] = [0, 60, 200].map((start, at) =>
      RUNS[0]!.slice(start, [60, 200, undefined][at]),
    );
    const out = (text: unknown) => ({ output_type: 'stream', name: 'stdout', text });
    const text = notebookOf(
      codeCell(
        out(`Running\n${first}`),
        { output_type: 'stream', name: 'stderr', text: 'a warning: {\n' },
        out([second]),
        { output_type: 'display_data', data: { 'text/plain': RUNS[2] } },
        out(`${third}Again\n${RUNS[1]}`),
      ),
      codeCell(out(RUNS[3])),
    );
    expect(values(text)).toEqual([parsed[0], parsed[1], parsed[2], parsed[3]]);
    expect(places(text)).toEqual([
      'cell 1, output 1, line 2',
      `cell 1, output 5, line ${third!.split('\n').length + 1}`,
      'cell 1, output 4, line 1',
      'cell 2, output 1, line 1',
    ]);
  });

  it('values that were shown as JSON, once even if they were also shown as text', () => {
    const shown = (json: unknown, plain: string) => ({
      output_type: 'execute_result',
      data: { 'application/json': json, 'text/plain': plain },
    });
    const text = notebookOf(
      codeCell(shown(parsed[0], '<IPython.core.display.JSON object>')),
      codeCell(shown({ 4096: parsed[1] }, RUNS[1]!)),
      codeCell(shown(RUNS[2]!.split(/(?<=\n)/), '')),
      codeCell(shown({ no: 'document' }, RUNS[3]!)),
    );
    expect(values(text)).toEqual(parsed.slice(0, 4));
    expect(places(text)).toEqual([
      'cell 1, output 1, all of it',
      'cell 2, output 1, at ["4096"]',
      'cell 3, output 1, line 1',
      'cell 4, output 1, line 1',
    ]);
  });

  it('the output on the sheets of a notebook of format 3', () => {
    const cell = (...outputs: unknown[]) => ({ cell_type: 'code', input: RUNS[4], outputs });
    const text = JSON.stringify({
      nbformat: 3,
      worksheets: [
        {
          cells: [
            cell({ output_type: 'stream', stream: 'stdout', text: RUNS[0]!.split(/(?<=\n)/) }),
            cell({ output_type: 'pyout', prompt_number: 1, text: [`'${joined(RUNS[1]!)}'`] }),
          ],
        },
        { cells: [cell({ output_type: 'display_data', json: RUNS[2], text: '<JSON>' })] },
      ],
    });
    expect(values(text)).toEqual(parsed.slice(0, 3));
    expect(places(text)[2]).toBe('cell 3, output 1, line 1');
  });

  it('documents without their end, and the complete ones after them', () => {
    const cut = RUNS[1]!.slice(0, 700);
    expect(values(`${cut}\n${RUNS[0]}`)).toEqual(['cut', parsed[0]]);
    expect(values(`${RUNS[0]}${recorded('describe_j')}`)).toEqual([parsed[0], 'cut']);
  });

  it('documents after one that ends within a word', () => {
    const cut = RUNS[1]!.slice(0, RUNS[1]!.indexOf('arm64') + 3);
    expect(values(`${cut}\n${RUNS[0]}`)).toEqual(['cut', parsed[0]]);
  });

  it('one document, whatever stands within it', () => {
    const document = { os_configuration: { a: { benchmark_samples: [] } }, benchmark_samples: [] };
    expect(values(`${JSON.stringify(document)}\nDone.`)).toEqual([document]);
    expect(values(JSON.stringify([document]))).toEqual([document]);
  });

  it('documents with numbers that JSON does not allow, such as NAN', () => {
    expect(found(recorded('fakepmc_zero'))).toMatchObject([{ state: 'found', place: 'line 1' }]);
  });
});

describe('readNotebook refuses', () => {
  it.each([
    ['', 'it is empty'],
    ['{ }\n', 'no document of ipc-benchmark -j is in it'],
    ['{"nbformat": 3, "worksheets": [null, {"cells": [{"outputs": [{}]}]}]}', 'no document'],
    ['{"nbformat": 4, "cells": [null, 1, {"outputs": [null, {"data": 3}]}]}', 'no document'],
    ['"benchmark_samples"', 'no document'],
  ])('%j', (text, reason) => {
    expect(readNotebook(text)).toEqual({
      state: 'unreadable',
      reason: expect.stringContaining(reason),
    });
  });

  it('garbage with a reason, without an exception', () => {
    const pieces = fc.constantFrom(
      ...['{', '}', '[', ']', '"', '\\', '\n', '\\n', ',', ':', "'", '{"__proto__": ', 'NaN'],
      ...['{"benchmark_samples": [', '{ "benchmark_configuration": {', '{"nbformat":4,"cells":['],
      ...RUNS.slice(0, 2),
    );
    const garbage = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.json(),
      fc.array(pieces, { maxLength: 30 }).map((list) => list.join('')),
    );
    fc.assert(
      fc.property(garbage, (text) => {
        const notebook = readNotebook(text);
        if (notebook.state === 'unreadable') expect(notebook.reason).not.toBe('');
        else expect(notebook.documents.length).toBeGreaterThan(0);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('readNotebook', () => {
  it('finds every document, whatever is printed between them', () => {
    // Other words: anything that leaves no brace open.
    const words = fc
      .string({
        unit: fc.constantFrom('a', ' ', "'", '"', '[', ']', ',', '\\', ':', '1'),
        maxLength: 20,
      })
      .map((text) => `${text}\n`);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(words, fc.nat(RUNS.length - 1), fc.boolean()), { minLength: 1 }),
        words,
        (parts, end) => {
          const text = parts.map(([w, at, one]) => `${w}${one ? joined(RUNS[at]!) : RUNS[at]}`);
          expect(values(text.join('') + end)).toEqual(parts.map(([, at]) => parsed[at]));
        },
      ),
    );
  });

  it('reads a large file of open braces, and very deep JSON, in one pass', () => {
    expect(readNotebook('{'.repeat(4_000_000))).toMatchObject({ state: 'unreadable' });
    expect(readNotebook('{"benchmark_samples"'.repeat(100_000))).toMatchObject({
      state: 'documents',
    });
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    expect(readNotebook(deep)).toMatchObject({ state: 'unreadable' });
    expect(found(`{"benchmark_samples": ${deep}}`)).toHaveLength(1);
  });
});
