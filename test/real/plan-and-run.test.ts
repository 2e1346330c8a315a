import { describe, expect, it, onTestFinished } from 'vitest';
import { Workplace } from '../cli/workplace.ts';
import { untraceable } from './required.ts';

const why = untraceable();

describe.skipIf(why !== undefined)(`plan and run ${why ?? ''}`, () => {
  it('show the tracing program on request, and otherwise its length', async () => {
    const place = new Workplace();
    onTestFinished(() => place.remove());
    const spec = place.write(
      'traced.yaml',
      'name: traced\nbenchmark: { program: programs/answers }\ntrace: { tracer: bpftrace }\n',
    );
    const short = (await place.run('plan', spec)).stdout;
    const long = (await place.run('plan', spec, '--program')).stdout;
    const { trace_program: program } = JSON.parse((await place.run('plan', spec, '--json')).stdout);
    const lines = program.trimEnd().split('\n').length;
    expect(short).toContain(`tracer: bpftrace\n  --program prints its program, ${lines} lines\n`);
    expect(long.split('\n').length - short.split('\n').length).toBe(lines - 1);
    expect(long).toContain('raw_syscalls');
    expect(short).not.toContain('raw_syscalls');
  });

  it('agree on what is traced where only a script looks, with controls', async () => {
    const place = new Workplace();
    onTestFinished(() => place.remove());
    place.write(
      'mine.bt',
      'tracepoint:raw_syscalls:sys_enter /comm == "answers"/ { @ = count(); }\n',
    );
    const spec = place.write(
      'scripted.yaml',
      [
        'name: scripted',
        'benchmark: { program: programs/answers, bare: true }',
        'matrix: { buffer_size: 512, total_size: 4KiB }',
        'trace: { tracer: none, controls: true, scripts: [mine.bt] }',
        'trials: 2',
        '',
      ].join('\n'),
    );
    const plan = JSON.parse((await place.run('plan', '--json', spec)).stdout);
    const { code, stderr } = await place.run('run', spec);
    expect(code).toBe(0);
    expect(stderr).toContain('4 runs of 1 cell, traced by mine.bt');
    const made = place.query<{ trial: number; traced: number }>(
      'SELECT trial, traced FROM run_overview ORDER BY ordinal',
    );
    expect(made.map(({ trial, traced }) => [trial, traced === 1])).toEqual(
      plan.runs.map((run: { trial: number; traced: boolean }) => [run.trial, run.traced]),
    );
    expect(made.filter(({ traced }) => traced === 1)).toHaveLength(2);
    expect((await place.run('report')).code).toBe(0);
    expect(place.read('results/scripted-1/report.html')).not.toContain('Nothing was traced');
  });
});
