import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Workplace } from './workplace.ts';

const FOLDERS = ['/usr/bin', '/bin'];
const OTHER_TRACERS = /^(dtrace|bpftrace)/;

let place: Workplace;
let environment: NodeJS.ProcessEnv;

beforeEach(() => {
  place = new Workplace();
  // A machine on which strace is the only tracer.
  mkdirSync(place.path('bin'));
  for (const folder of FOLDERS.filter((each) => existsSync(each))) {
    for (const program of readdirSync(folder)) {
      const link = place.path('bin', program);
      if (!OTHER_TRACERS.test(program) && !existsSync(link)) {
        symlinkSync(join(folder, program), link);
      }
    }
  }
  environment = { PATH: place.path('bin') };
});
afterEach(() => place.remove());

const spec = (trace: string, more = '') =>
  place.write(
    'asked.yaml',
    [
      'name: asked',
      'benchmark: { program: programs/answers, bare: true }',
      'matrix: { buffer_size: 512, total_size: 4KiB }',
      'trials: 1',
      `trace: { ${trace} }`,
      'retry: { suspect: 0 }',
      more,
      '',
    ].join('\n'),
  );
const start = (...words: string[]) => place.start(words, environment).ended;
const REFUSED =
  'the spec asks for pipe-states: strace does not have it here; bpftrace could, but bpftrace is not installed';

describe.skipIf(!FOLDERS.some((folder) => existsSync(join(folder, 'strace'))))(
  'on a machine where strace is the only tracer',
  () => {
    it('an instrument that strace lacks is refused by run, and plan and validate say so', async () => {
      const file = spec('instruments: [syscalls, pipe-states]');
      const run = await start('run', file);
      expect(run).toMatchObject({ code: 3, stdout: '' });
      expect(run.stderr).toContain(REFUSED);
      expect(run.stderr).toContain('trace.allow_missing: true');
      expect(existsSync(place.path('results'))).toBe(false);
      expect((await start('plan', file)).stdout).toContain(`run would refuse it here: ${REFUSED}`);
      const plan = JSON.parse((await start('plan', '--json', file)).stdout);
      expect(plan.missing).toEqual([
        { name: 'pipe-states', reason: 'strace does not have it here' },
      ]);
      expect(plan.refused).toEqual([{ message: REFUSED, hint: expect.any(String) }]);
      const valid = await start('validate', file);
      expect(valid).toMatchObject({ code: 0, stdout: 'asked.yaml: ok, 1 cell, 0 left out\n' });
      expect(valid.stderr).toContain(`asked.yaml: run would refuse it here: ${REFUSED}`);
    });

    it.each([
      ['allow_missing: true', 'instruments: [syscalls, pipe-states], allow_missing: true'],
      ['the defaults', 'tracer: auto'],
    ])('%s leave it out, with a note wherever numbers are shown', async (_, trace) => {
      const run = await start('run', spec(trace));
      const loss = 'pipe-states is missing: strace does not have it here';
      expect(run.stderr).toContain('without pipe-states: strace does not have it here');
      expect(run.stdout).toContain(`doubt: ${loss}`);
      expect((await start('status', 'asked')).stdout).toContain(`doubt: ${loss}`);
      const status = JSON.parse((await start('status', 'asked', '--json')).stdout);
      expect(status.sweeps[0].doubts[0]).toMatchObject({ code: 'missing', message: loss });
      const files = ['results', 'asked-1'];
      expect(existsSync(place.path(...files, 'pipe_states.csv'))).toBe(false);
      expect(existsSync(place.path(...files, 'syscalls.csv'))).toBe(true);
      expect(place.csv(...files, 'doubts.csv')[0]).toMatchObject({
        code: 'missing',
        message: loss,
      });
      const description = JSON.parse(place.read(...files, 'datapackage.json'));
      expect(description.missing).toEqual([
        { name: 'pipe-states', reason: 'strace does not have it here' },
      ]);
      expect((await start('report')).code).toBe(0);
      const page = place.read(...files, 'report.html');
      const findings = page.slice(page.indexOf('<ul class="findings">'));
      expect(page).toContain('Not looked at: strace does not have it here.');
      expect(findings.indexOf(loss)).toBeGreaterThan(0);
      expect(findings.indexOf(loss)).toBeLessThan(findings.indexOf('Runs:'));
    });

    it.each([
      ['events', 'events: true', /trace\.events: strace prints none here/],
      ['options', 'options: { bufsize: 4m }', /trace\.options: .* strace takes none/],
    ])('%s are refused with strace', async (_, more, message) => {
      const { code, stderr } = await start('run', spec(`tracer: strace, ${more}`));
      expect(code).toBe(3);
      expect(stderr).toMatch(message);
    });

    it('a script without its tracer is refused, or left out with a note', async () => {
      place.write('mine.bt', 'BEGIN { exit(); }\n');
      const refused = await start('run', spec('tracer: none, scripts: [mine.bt]'));
      expect(refused.code).toBe(3);
      expect(refused.stderr).toMatch(/mine\.bt cannot be run: bpftrace is not installed/);
      const without = 'tracer: none, scripts: [mine.bt], allow_missing: true';
      const { code, stdout, stderr } = await start('run', spec(without));
      expect(code).toBe(0);
      expect(stderr).toContain('1 run of 1 cell, untraced');
      expect(stdout).toMatch(/doubt: mine\.bt is missing: .*bpftrace is not installed/);
    });
  },
);

describe('a setting without effect', () => {
  it('is reported by run and plan alike', async () => {
    const file = spec(
      'tracer: none, controls: true, sudo: true, instruments: [syscalls]',
      'expect: [probe_effect > 50%, pipe_states.read has DIRECTW, syscalls.read > 1]',
    );
    const notes = [
      'trace.tracer is none, so these have no effect: instruments',
      'trace.controls has no effect: nothing is traced, so no run needs an untraced one beside it',
      'trace.sudo has no effect: nothing is traced',
      'expect: probe_effect > 50%: no cell can fulfil it, since there are no traced runs beside untraced ones',
      'expect: pipe_states.read has DIRECTW: no cell can fulfil it, since no pipe states are counted',
      'expect: syscalls.read > 1: no cell can fulfil it, since no system calls are counted',
    ];
    const plan = JSON.parse((await place.run('plan', '--json', file)).stdout);
    expect(plan.notes).toEqual(notes);
    expect(plan.runs).toHaveLength(1);
    const { stderr } = await place.run('run', file);
    expect(stderr).toContain('1 run of 1 cell, untraced');
    for (const note of notes) expect(stderr).toContain(note);
    expect(place.query('SELECT run_id FROM run_overview')).toHaveLength(1);
  });

  it('is an error where no machine could give it an effect: events without pipe states', async () => {
    const { code, stderr } = await place.run(
      'validate',
      spec('instruments: [syscalls], events: true'),
    );
    expect(code).toBe(2);
    expect(stderr).toMatch(/trace\.events: .*add pipe-states to trace\.instruments/);
  });
});
