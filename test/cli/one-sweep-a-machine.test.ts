import { spawn } from 'node:child_process';
import { chmodSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { freePort } from '../host/sshd.ts';
import { Boards } from './boards.ts';
import { Workplace } from './workplace.ts';

/** Waits as long as a file is there, or for ever where it is told to by its environment. */
const WAITS = `#!/bin/sh
case " $* " in *' describe '*) echo '{ }' && exit 0 ;; esac
echo "$*" >>"$0.log"
while [ -n "$WAIT_FOR_EVER" ] || [ -f "$0.hold" ]; do sleep 0.05; done
exec "$(dirname "$0")/answers" "$@"
`;

let place: Workplace;
let environment: NodeJS.ProcessEnv;

beforeEach(async () => {
  place = new Workplace();
  // A lock that only this test's sweeps have.
  environment = { IPC_SWEEP_HOST_LOCK: String(await freePort()) };
  place.write('programs/waits.log', '');
  place.write('programs/waits', WAITS);
  chmodSync(place.path('programs', 'waits'), 0o755);
});
afterEach(async () => {
  try {
    await expect.poll(() => place.processes(), { timeout: 20_000 }).toEqual([]);
  } finally {
    place.remove();
  }
});

const begun = () => place.read('programs/waits.log').split('\n').length - 1;
const start = (...words: string[]) => place.start(words, environment);
const MATRIX = 'matrix: { buffer_size: 512, total_size: 4KiB }';
const spec = (name: string, trials: number) =>
  place.spec(name, 'waits', `${MATRIX}\ntrials: ${trials}\ntimeout: 1h`);

describe('two sweeps on one machine', () => {
  it('are refused whatever their databases, with a message that names the first, until that is killed', async () => {
    place.write('programs/waits.hold', '');
    const first = start('run', spec('first', 1), '--results', 'a');
    await place.until(() => begun() >= 1);
    const second = await start('run', spec('second', 1), '--results', 'b').ended;
    expect(second).toMatchObject({ code: 3, stdout: '' });
    expect(second.stderr).toMatch(
      new RegExp(
        `another sweep runs on this machine: pid ${first.process.pid} .*, sweep first, since 2.+\\nhint: .*--wait`,
      ),
    );
    // What reads only is nobody's neighbour.
    expect((await start('status', '--results', 'a').ended).code).toBe(0);
    first.process.kill('SIGKILL');
    await first.ended;
    // The machine is held as long as the agent lives, which ends by itself.
    await expect.poll(() => place.processes()).toEqual([]);
    rmSync(place.path('programs/waits.hold'));
    expect((await start('run', spec('second', 1), '--results', 'b').ended).code).toBe(0);
  });

  it('follow one another with --wait, even on the same database', async () => {
    place.write('programs/waits.hold', '');
    const first = start('run', spec('first', 3));
    await place.until(() => begun() >= 1);
    const second = start('run', spec('second', 2), '--wait');
    await second.says(`waiting for the sweep that runs here: pid ${first.process.pid}`);
    rmSync(place.path('programs/waits.hold'));
    expect((await first.ended).code).toBe(0);
    expect((await second.ended).code).toBe(0);
    const order = place.query<{ sweep: string }>(
      'SELECT sweep FROM run_overview ORDER BY started_at',
    );
    expect(order.map(({ sweep }) => sweep)).toEqual([
      ...['first', 'first', 'first', 'second', 'second'],
    ]);
  });

  it('are not noticed where something else uses the port of the lock, which is reported and stored', async () => {
    const other = createServer((socket) => socket.once('error', () => {}).end('hello\n'));
    await new Promise<void>((resolve) =>
      other.listen(Number(environment.IPC_SWEEP_HOST_LOCK), '127.0.0.1', resolve),
    );
    onTestFinished(() => void other.close());
    const { code, stderr } = await start('run', spec('first', 1)).ended;
    expect(code).toBe(0);
    expect(stderr).toContain('host-not-locked: ');
    expect(place.csv('results/first-1/environment_warnings.csv')).toContainEqual(
      expect.objectContaining({ code: 'host-not-locked' }),
    );
  });

  it('are not started with an invalid port for the lock', async () => {
    environment = { IPC_SWEEP_HOST_LOCK: '70000' };
    expect((await start('run', spec('first', 1)).ended).code).toBe(2);
  });
});

describe('two sweeps on one board', () => {
  let boards: Boards;
  beforeEach(() => {
    boards = new Boards(place);
    environment = { ...environment, ...boards.environment };
  });

  it('are refused wherever they are started, until the first one has ended', async () => {
    place.write('programs/waits.hold', '');
    const first = start('run', spec('first', 1), '--host', 'board-1', '--results', 'a');
    await place.until(() => begun() >= 1);
    const second = await start('run', spec('second', 1), '--host', 'me@board-1', '--results', 'b')
      .ended;
    expect(second).toMatchObject({ code: 3, stdout: '' });
    expect(second.stderr).toMatch(
      new RegExp(`another sweep runs on me@board-1: pid ${first.process.pid} .*, sweep first, `),
    );
    const third = start('run', spec('third', 1), '--host', 'board-1', '--results', 'c', '--wait');
    await third.says(`waiting for the sweep that runs on board-1: pid ${first.process.pid}`);
    first.process.kill('SIGKILL');
    await first.ended;
    rmSync(place.path('programs/waits.hold'));
    expect((await third.ended).code).toBe(0);
  });

  it('are not started under two names of one machine: one of the two hosts is set aside', async () => {
    const hosts = ['--host', 'board-1', '--host', 'board-2'];
    const file = place.spec(
      'twice',
      'waits',
      'matrix: { buffer_size: [512, 1KiB], total_size: 4KiB }\ntrials: 2',
    );
    const { code, stderr } = await start('run', file, ...hosts).ended;
    expect(code).toBe(1);
    expect(stderr).toContain('board-2 is the same machine as another host of this sweep');
  });
});

describe.runIf(process.platform === 'linux')('a benchmark that somebody else runs', () => {
  it('is a doubt about untraced runs beside it, summed up wherever their numbers are shown', async () => {
    const other = spawn(place.path('programs', 'waits'), [], {
      env: { ...process.env, WAIT_FOR_EVER: '1' },
      cwd: place.folder,
      detached: true,
      stdio: 'ignore',
    });
    const end = () => {
      try {
        process.kill(-other.pid!, 'SIGKILL');
      } catch {}
    };
    onTestFinished(end);
    await place.until(() => begun() >= 1);
    const { code, stdout } = await start('run', spec('disturbed', 5)).ended;
    end();
    expect(code).toBe(0);
    const line = '5 of 5 runs: another benchmark ran at the same time (foreign-benchmark)';
    expect(stdout).toContain(`doubt: ${line}`);
    expect(place.csv('results/disturbed-1/warnings.csv')[0]?.message).toMatch(
      new RegExp(`pid .*\\b${other.pid}\\b`),
    );
    expect((await start('status', 'disturbed').ended).stdout).toContain(line);
    expect((await start('report').ended).code).toBe(0);
    const page = place.read('results/disturbed-1/report.html');
    expect(page.slice(page.indexOf('<ul class="findings">'))).toMatch(
      /^<ul class="findings">\n<li><strong>Doubt:<\/strong> 5 of 5 runs: another benchmark/,
    );
    await start('run', spec('calm', 5)).ended;
    const compared = await start('compare', 'disturbed', 'calm').ended;
    expect(compared.stderr).toContain(`warning: A: ${line}`);
    const doubts = place.query<{ message: string }>(
      `SELECT message FROM run_overview JOIN warning USING (run_id)
       WHERE sweep = 'calm' AND code = 'foreign-benchmark'`,
    );
    expect(doubts.filter(({ message }) => message.includes(`${other.pid}`))).toEqual([]);
    // Another test may run a benchmark at the same time.
    const doubted = /warning: B: .*foreign-benchmark/.test(compared.stderr);
    expect(doubted).toBe(doubts.length > 0);
  });
});
