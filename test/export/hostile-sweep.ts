import type { RunResult } from '../../src/execute/outcome.ts';
import type { CountRow, CountTable, Key } from '../../src/instruments/instrument.ts';
import { byTable, COUNT_TABLES } from '../../src/instruments/instruments.ts';
import type { Db } from '../../src/store/open.ts';
import { exampleResult, exampleSweep } from '../store/example-sweep.ts';

/** Texts that a program may take for something else, or trip over. */
export const HOSTILE = [
  ...['=1+1', '+1', '-1', '@SUM(A1)', '=cmd|"/c calc"!A1', '=HYPERLINK("http://127.0.0.1/")'],
  ...['0x081', '1e5', '007', '1/2', '2026-01-02', '12:30', 'TRUE', 'false', '10%', '1,5', '1.5.'],
  ...['constructor', '__proto__', 'toString', '_x0041_', '_x000D_', '<b>&amp;</b>', ']]>'],
  ...["'quoted", '"quoted"', 'a,b;c\td', 'two\nlines', 'a\rb', '\ttab', ' blank ', '\x01\x1f'],
  ...['Zürich ✓', '😀', '\u200f\u202e', 'NA', 'NaN', 'null', 'Infinity', 'x'.repeat(40_000)],
] as const;

/**
 * Makes the worst sweep that there could be: every table has rows, and there is every way to end a
 * run.
 */
export function hostileSweep(db: Db): void {
  const { store } = exampleSweep(db);
  for (const trial of [1, 2, 3, 4, 5, 6]) store(exampleResult(trial));
  const ends: RunResult['outcome'][] = [
    { state: 'failed', reason: '=1+1' },
    { state: 'timed-out', reason: 'after 5 s,\n"quoted"' },
    { state: 'output-unreadable', reason: '-5 is no JSON;\ttab' },
    { state: 'interrupted', reason: '@' },
  ];
  ends.forEach((outcome, at) => {
    store(exampleResult(7 + at, { outcome, exitCode: null, signal: 'SIGKILL' }));
  });
  const counts = exampleResult(11).counts!;
  store(
    exampleResult(11, {
      outcome: {
        state: 'completed',
        samples: [
          {
            ...{ iteration: 1, elapsedNs: 1000, bandwidthBytesPerS: 1024e6 },
            counters: new Map(HOSTILE.map((name, at) => [name, at / 3])),
          },
        ],
      },
      counts: {
        ...counts,
        ...Object.fromEntries(
          COUNT_TABLES.filter(({ name }) => byTable(counts)[name]!.length === 0).map((table) => [
            table.name,
            [rowOf(table)],
          ]),
        ),
        syscalls: [...HOSTILE.slice(0, -1), 'cell', 'runs', '435'].map((syscall, at) => ({
          ...{ role: 'sender', syscall, count: at },
        })),
        events: [{ role: 'receiver', operation: 'read', atNs: 0, state: 0xfffffff }],
      },
      scripts: [
        {
          script: '=evil.bt',
          raw: '',
          doubts: [],
          output: {
            doubts: [],
            eventsLeftOut: 0,
            unread: [],
            aggregates: [
              {
                name: '@',
                keys: HOSTILE,
                function: 'count',
                printing: 1,
                ...EDGES,
                value: 2n ** 60n + 1n,
              },
              {
                name: '',
                keys: [],
                function: '',
                printing: 2,
                ...EDGES,
                bucketFrom: null,
                value: 2n ** 64n - 1n,
              },
            ],
            events: HOSTILE.map((text) => ({ probe: 'pipe_read:entry', cpu: 0, text })),
          },
        },
      ],
      doubts: HOSTILE.map((message) => ({ code: 'raw-cut', message, suspect: false })),
    }),
  );
}

/** A row with a count as large as any, in a table of which nothing is known but its definition. */
function rowOf({ keys }: CountTable): CountRow {
  const values = keys.map((key) => [key.name, anyValueOf(key)]);
  return { role: 'sender', count: 2 ** 52, ...Object.fromEntries(values) };
}

function anyValueOf(key: Key): string | number {
  switch (key.kind) {
    case 'word':
      return key.words[0]!;
    case 'operation':
    case 'pipe-operation':
      return 'write';
    case 'syscall':
    case 'stack':
      return '=1+1';
    case 'pipe-state':
      return 0;
    case 'integer':
      return key.minimum ?? 0;
  }
}

const EDGES = { bucketFrom: -(2 ** 62), bucketTo: 2 ** 62 } as const;
