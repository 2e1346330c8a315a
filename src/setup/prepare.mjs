// Prepares a bare clone before anything else can run. Plain JavaScript without packages, because
// none may be installed yet.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const NEEDED_NODE = [20, 19];

/** Installs packages and builds, each only if something is missing or older than its source. */
export function prepareCheckout() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < NEEDED_NODE[0] || (major === NEEDED_NODE[0] && minor < NEEDED_NODE[1])) {
    fail(`Node ${process.versions.node} is too old; ${NEEDED_NODE.join('.')} or newer is needed`);
  }
  const installed = 'node_modules/.ipc-sweep-installed';
  const lock = readFileSync('package-lock.json', 'utf8');
  if (!existsSync(installed) || readFileSync(installed, 'utf8') !== lock) {
    say('installing packages (better-sqlite3 may be compiled: about a minute)');
    must('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], 'npm ci failed');
    writeFileSync(installed, lock);
  }
  const stamp = 'bundle/.built';
  if (!existsSync(stamp) || newest('src') > statSync(stamp).mtimeMs) {
    say('building');
    must('npm', ['run', '--silent', 'build'], 'the build failed');
  }
}

/**
 * Installs a tracer through the system's package manager, if that is possible without asking.
 * @returns whether there is one
 */
export function prepareTracer() {
  if (hasDtrace() || onPath('bpftrace')) return true;
  if (process.platform !== 'linux') return false;
  /** @type {[command: string, words: string[]][]} */
  const managers = [
    ['apt-get', ['install', '-y', '-q', 'bpftrace']],
    ['dnf', ['install', '-y', 'bpftrace']],
    ['pacman', ['-S', '--noconfirm', 'bpftrace']],
    ['zypper', ['--non-interactive', 'install', 'bpftrace']],
    ['apk', ['add', 'bpftrace']],
  ];
  const manager = managers.find(([command]) => onPath(command));
  if (!manager) {
    say('no tracer found; install bpftrace (or dtrace) with the package manager of your system');
    return false;
  }
  const [command, words] = manager;
  if (process.getuid?.() !== 0) {
    say(`no tracer found; install one: sudo ${command} ${words.join(' ')}`);
    return false;
  }
  say(`installing bpftrace (${command} ${words.join(' ')})`);
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const attempt = () => run(command, words, { env: environment, quiet: true });
  if (attempt() !== 0 && command === 'apt-get') {
    run('apt-get', ['update', '-q'], { env: environment, quiet: true });
    attempt();
  }
  if (onPath('bpftrace')) return true;
  say(`that did not work; try it by hand: ${command} ${words.join(' ')}`);
  return false;
}

/** Whether there is a real dtrace: SystemTap has another program of that name, without -V. */
function hasDtrace() {
  const said = spawnSync('dtrace', ['-V'], { encoding: 'utf8' });
  return /\b(Sun|Oracle) D \d/.test(`${said.stdout}${said.stderr}`);
}

export function run(command, words, options = {}) {
  const result = spawnSync(command, words, {
    stdio: options.quiet ? ['ignore', 'ignore', 'inherit'] : ['ignore', 'inherit', 'inherit'],
    env: options.env ?? process.env,
  });
  return result.status ?? 1;
}

export function say(text) {
  process.stderr.write(`== ${text}\n`);
}

function must(command, words, message) {
  if (run(command, words) !== 0) fail(message);
}

export function fail(message) {
  say(message);
  process.exit(3);
}

export function onPath(command) {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .concat('/usr/sbin', '/sbin')
    .some((folder) => existsSync(join(folder, command)));
}

/**
 * Returns the newest modification time below a folder, in ms. A name may lead nowhere: an editor
 * keeps such a link beside a file that is being changed, or removes what it has just written.
 */
export function newest(folder) {
  const times = readdirSync(folder, { recursive: true }).map(
    (name) => statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0,
  );
  return Math.max(0, ...times);
}
