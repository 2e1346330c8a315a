import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isJobAlive,
  type JobState,
  parseAccounts,
  parseQueue,
  parseSubmitted,
} from '../../src/slurm/answers.ts';

const word = fc.stringMatching(/^[A-Za-z0-9 ,.()[\]-]{0,12}$/).map((text) => text.trim());
const row = fc.record({
  job: fc.nat(1e9).map(String),
  task: fc.option(fc.nat(1000), { nil: undefined }),
  state: fc.constantFrom('PENDING', 'RUNNING', 'COMPLETED', 'NODE_FAIL', 'OUT_OF_MEMORY'),
  node: word,
  reason: word.filter((text) => text !== 'None'),
  name: word.map((text) => `n|${text}`),
});
const idOf = ({ job, task }: JobState) => (task === undefined ? job : `${job}_${task}`);

describe('the output of sbatch', () => {
  it.each([
    ['12\n', { job: '12', cluster: undefined }],
    ['12;big-one\n', { job: '12', cluster: 'big-one' }],
    ['a notice of the site\n12\n', { job: '12', cluster: undefined }],
    ['', undefined],
    ['Submitted batch job 12\n', undefined],
    ['12;a b', undefined],
    ['99999999999', undefined],
  ])('is read: %j', (stdout, expected) => {
    expect(parseSubmitted(stdout)).toEqual(expected);
  });
});

describe('the output of squeue', () => {
  it('is read row by row', () => {
    fc.assert(
      fc.property(fc.array(row), (rows) => {
        const text = rows
          .map((each) =>
            [idOf(each), each.state, each.node, each.reason || 'None', each.name].join('|'),
          )
          .join('\n');
        expect(parseQueue(`${text}\n`)).toEqual(rows);
      }),
    );
  });

  it('has the form of Slurm 22.05 for an array with a task that was queued again', () => {
    const recorded = `1_1|PENDING||BeginTime|ipc-sweep-s
1_2|RUNNING|vm|None|ipc-sweep-s
2|PENDING||Dependency|ipc-sweep-s-merge
`;
    expect(parseQueue(recorded)).toEqual([
      {
        ...{ job: '1', task: 1, state: 'PENDING', node: '', reason: 'BeginTime' },
        name: 'ipc-sweep-s',
      },
      { job: '1', task: 2, state: 'RUNNING', node: 'vm', reason: '', name: 'ipc-sweep-s' },
      {
        ...{ job: '2', task: undefined, state: 'PENDING', node: '', reason: 'Dependency' },
        name: 'ipc-sweep-s-merge',
      },
    ]);
  });

  it('is read completely, or the line that cannot be read is returned', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const parsed = parseQueue(text);
        if ('unread' in parsed) expect(text).toContain(parsed.unread);
        else expect(parsed).toHaveLength(text.split('\n').filter((line) => line.trim()).length);
      }),
    );
  });
});

describe('the output of sacct', () => {
  it('is read without the array tasks that are still waiting together', () => {
    const text = `12_1|COMPLETED|node1|0:0|ipc-sweep-s
12_2|CANCELLED by 1000|None assigned|0:15|ipc-sweep-s
12_[3-8%2]|PENDING|None assigned|0:0|ipc-sweep-s
13|FAILED|node2|2:0|ipc-sweep-s-merge
`;
    expect(parseAccounts(text)).toMatchObject([
      { job: '12', task: 1, state: 'COMPLETED', node: 'node1', reason: '' },
      { job: '12', task: 2, state: 'CANCELLED', node: '', reason: 'exit 0:15' },
      { job: '13', task: undefined, state: 'FAILED', node: 'node2', reason: 'exit 2:0' },
    ]);
  });
});

describe('a job', () => {
  it.each([
    ...(['PENDING', 'RUNNING', 'COMPLETING', 'REQUEUED', 'SUSPENDED'] as const).map(
      (state) => [state, true] as const,
    ),
    ...(['COMPLETED', 'FAILED', 'CANCELLED', 'NODE_FAIL', 'TIMEOUT'] as const).map(
      (state) => [state, false] as const,
    ),
  ])('that is %s is alive: %s', (state, alive) => {
    expect(isJobAlive({ state })).toBe(alive);
  });
});
