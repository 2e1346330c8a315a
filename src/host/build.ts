import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { ExitCode, UserError } from '../errors.ts';
import type { Finished, Host } from './host.ts';
import { LOCAL_HOST } from './host-name.ts';
import { installCommand, systemOf } from './packages.ts';
import { runSmall, type SmallCommand } from './run-small.ts';
import { shortageOf } from './start-failure.ts';

const FLAGS = ['-std=c11', '-O2', '-Wall', '-Wextra', '-pthread'];
const BUILD_MS = 120_000;

/**
 * Builds one of our programs from a C file on a host with the host's compiler, once for each
 * source, compiler and flags. When two builds run at once, both end with a complete file, because
 * the last step is a rename.
 * @param more further words for the compiler
 * @returns the absolute path of the executable there
 * @throws UserError with the package to install when there is no compiler
 */
export async function buildProgram(
  host: Host,
  source: string,
  name: string,
  more: readonly string[] = [],
): Promise<string> {
  const { machine } = host;
  // CC names a compiler of this machine only.
  const compiler = (host.name === LOCAL_HOST && process.env.CC) || 'cc';
  const libraries = machine.platform === 'sunos' ? ['-lsocket', '-lnsl', ...more] : more;
  const version = await runSmall(host, { words: [compiler, '--version'] });
  if (!version.ok) throw await noCompiler(host, compiler, version);
  const text = readFileSync(source);
  const key = createHash('sha256')
    .update(text)
    .update(JSON.stringify([compiler, version.stdout, FLAGS, libraries, machine.architecture]))
    .digest('hex')
    .slice(0, 16);
  const folder = `${machine.cacheDir}/${name}-${key}`;
  const target = `${folder}/${name}`;
  if ((await host.stat(target))?.kind === 'file') return target;

  const must = async (command: SmallCommand, failed: (said: string) => UserError) => {
    const { ok, stdout, stderr, reason } = await runSmall(host, command);
    if (!ok) throw failed(`${stderr}${stdout}`.trim() || reason);
  };
  // Nobody else may write here, whatever the umask is, because some of these programs run as root.
  await must({ words: ['mkdir', '-p', '-m', '755', folder] }, (said) =>
    noFolder(host, folder, said),
  );
  const sent = await host.send(`${name}.c`, text);
  // Build next to the source, in the agent's own folder, which is removed when the agent ends.
  const draft = `${sent}.out`;
  try {
    await must(
      {
        words: [compiler, ...FLAGS, '-o', draft, sent, ...libraries],
        deadlineMs: BUILD_MS,
        // This tells the compiler where to write its intermediate files.
        environment: { TMPDIR: posix.dirname(sent) },
      },
      (said) => {
        const shortage = shortageOf({}, said);
        return new UserError(`building ${name} failed${onHost(host)}:\n${said.slice(0, 4000)}`, {
          hint: shortage
            ? `${shortage.reason}: ${shortage.hint}`
            : 'please report this with the output of `cc --version` and `uname -a`',
          exitCode: ExitCode.machine,
        });
      },
    );
    await must({ words: ['chmod', '755', draft] }, (said) => noFolder(host, folder, said));
    await must({ words: ['mv', '-f', draft, target] }, (said) => noFolder(host, folder, said));
  } finally {
    await host.discard(sent);
    await runSmall(host, { words: ['rm', '-f', draft] });
  }
  return target;
}

/** Returns the words that name the host in a message; empty for this machine. */
export function onHost({ name }: Pick<Host, 'name'>): string {
  return name === LOCAL_HOST ? '' : ` on ${name}`;
}

function noFolder(host: Host, folder: string, said: string): UserError {
  return new UserError(`cannot keep the built benchmark in ${folder}${onHost(host)}: ${said}`, {
    hint: 'set XDG_CACHE_HOME to a folder that can be written',
    exitCode: ExitCode.machine,
  });
}

async function noCompiler(
  host: Host,
  compiler: string,
  { end, reason }: { readonly end: Finished['end']; readonly reason: string },
): Promise<UserError> {
  const absent = end.kind === 'not-started' && end.code === 'ENOENT';
  const what = absent ? 'no C compiler' : 'the C compiler cannot be run';
  return new UserError(`${what}${onHost(host)}: \`${compiler} --version\`: ${reason}`, {
    hint: absent
      ? `install one: ${installCommand('compiler', await systemOf(host))}; or set benchmark.program to a built ipc-benchmark`
      : 'mend that, or set benchmark.program to a built ipc-benchmark',
    exitCode: ExitCode.machine,
  });
}
