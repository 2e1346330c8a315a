import { locateBenchmark } from '../../benchmark/locate.ts';
import { ExitCode, type ExitCodeValue, UserError } from '../../errors.ts';
import { captureEnvironment } from '../../execute/environment.ts';
import { checkTracers } from '../../trace/choose.ts';
import { cacheDirectory } from '../prepare.ts';
import type { Terminal } from '../terminal.ts';

/** Says what this machine can trace, why not, and what to type. Exit 3 when it can trace nothing. */
export async function doctor(
  args: { readonly json: boolean },
  terminal: Terminal,
): Promise<ExitCodeValue> {
  const environment = captureEnvironment(new Date(), '');
  const benchmark = await checkBenchmark();
  const tracers = (await checkTracers()).map(({ tracer, availability }) => ({
    name: tracer.name,
    usable: availability.state === 'usable',
    version: availability.version ?? null,
    reason: availability.reason,
    mend: availability.mend,
  }));
  const able = benchmark.usable && tracers.some(({ usable }) => usable);
  if (args.json) {
    terminal.out(
      JSON.stringify(
        {
          usable: able,
          os: `${environment.osName} ${environment.osRelease}`,
          architecture: environment.architecture,
          node: environment.nodeVersion,
          benchmark,
          tracers,
        },
        null,
        2,
      ),
    );
    return able ? ExitCode.ok : ExitCode.machine;
  }
  const mark = (good: boolean) =>
    good ? terminal.style('green', 'ok ') : terminal.style('red', 'no ');
  terminal.out(
    `    ${environment.osName} ${environment.osRelease} ${environment.architecture}, Node ${environment.nodeVersion}`,
  );
  terminal.out(
    `${mark(benchmark.usable)} bundled benchmark${benchmark.usable ? `: ${benchmark.path}` : `: ${benchmark.reason}`}`,
  );
  if (!benchmark.usable) terminal.out(`      ${benchmark.mend}`);
  for (const { name, usable, version, reason, mend } of tracers) {
    terminal.out(
      `${mark(usable)} ${name}${version ? ` ${version}` : ''}${usable ? '' : `: ${reason}`}`,
    );
    if (!usable) terminal.out(`      ${mend}`);
  }
  return able ? ExitCode.ok : ExitCode.machine;
}

async function checkBenchmark() {
  try {
    const { path } = await locateBenchmark('bundled', cacheDirectory(process.env));
    return { usable: true, path, reason: '', mend: '' };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { usable: false, path: '', reason: error.message, mend: error.hint ?? '' };
  }
}
