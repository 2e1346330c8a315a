import { join } from 'node:path';
import { UserError } from '../errors.ts';
import { shellWord } from '../experiment/shell-word.ts';

/** A sweep that is handed to Slurm. All paths are absolute. */
export interface Job {
  /** The sweep's name. */
  readonly name: string;
  /** The folder of the job: its scripts, its record, and the databases of the shards. */
  readonly folder: string;
  readonly specFile: string;
  /** The folder that the spec's own paths are relative to. */
  readonly specFolder: string;
  readonly shards: number;
  /** The most tasks at a time; undefined for as many as there are nodes. */
  readonly nodes: number | undefined;
  /** Node.js and the main file of this ipc-sweep. */
  readonly node: string;
  readonly program: string;
  /** Further words for `ipc-sweep run`, such as `--tune`. */
  readonly runWords: readonly string[];
  /** Options of sbatch for both jobs, each one word. */
  readonly sbatchWords: readonly string[];
}

/** Names the files of a job, by what they are for. */
export function jobFiles({ folder }: Pick<Job, 'folder'>) {
  return {
    spec: join(folder, 'spec.yaml'),
    shardScript: join(folder, 'shard.sh'),
    mergeScript: join(folder, 'merge.sh'),
    record: join(folder, 'slurm.json'),
    merged: join(folder, 'ipc-sweep.db'),
  } as const;
}

/** The database of a shard. */
export function shardDatabase(folder: string, shard: number): string {
  return join(folder, `shard-${shard}.db`);
}

/** The name under which Slurm lists the array job; the merging one has `-merge` behind it. */
export function jobName(name: string): string {
  return `ipc-sweep-${name}`;
}

/**
 * Stops a script that Slurm has started on a node which has not all of the files.
 * @param kinds names of the script's variables
 */
function requireFiles(kinds: readonly string[]): string {
  return `for needed in ${kinds.map((kind) => `"$${kind}"`).join(' ')}; do
  [ -r "$needed" ] && continue
  echo "ipc-sweep: $(hostname) has no $needed: it must be on a file system that all nodes share" >&2
  exit 3
done`;
}

/** The script of the array job: a task makes one shard, and goes on with it when it is started again. */
export function shardScript(job: Job): string {
  return `#!/bin/sh
# Made by \`ipc-sweep slurm submit\`. Each task of the array makes one shard of the sweep.
set -u
folder=${shellWord(job.folder)}
spec=${shellWord(job.specFile)}
spec_folder=${shellWord(job.specFolder)}
node=${shellWord(job.node)}
program=${shellWord(job.program)}
shard=\${SLURM_ARRAY_TASK_ID:?is set by Slurm: submit this script with sbatch --array}
echo "shard $shard of ${job.shards}: start $((\${SLURM_RESTART_COUNT:-0} + 1)) on $(hostname)"
${requireFiles(['folder', 'spec_folder', 'node', 'program'])}
cd "$spec_folder" || exit 3
# What was submitted is run, whatever has become of the spec since then.
if ! cmp -s "$folder/spec.yaml" "$spec"; then
  echo "the spec has changed since it was submitted: the copy of it is run"
  spec=-
fi
exec "$node" "$program" run "$spec" --shard "$shard/${job.shards}" --db "$folder/shard-$shard.db" \\
  --results "$folder/shard-$shard" --wait${job.runWords.map((word) => ` ${shellWord(word)}`).join('')} <"$folder/spec.yaml"
`;
}

/** The script of the job that puts the shards together once all tasks have ended, however. */
export function mergeScript(job: Job): string {
  return `#!/bin/sh
# Made by \`ipc-sweep slurm submit\`. Puts the shards of the sweep together.
set -u
folder=${shellWord(job.folder)}
node=${shellWord(job.node)}
program=${shellWord(job.program)}
${requireFiles(['folder', 'node', 'program'])}
set --
shard=1
while [ "$shard" -le ${job.shards} ]; do
  if [ -s "$folder/shard-$shard.db" ]; then set -- "$@" "$folder/shard-$shard.db"
  else echo "shard $shard was never started" >&2
  fi
  shard=$((shard + 1))
done
[ $# -gt 0 ] || exit 3
"$node" "$program" merge "$@" --as-one -o "$folder/ipc-sweep.db" || exit
exec "$node" "$program" export --db "$folder/ipc-sweep.db" --results "$folder"
`;
}

/** Doubles percent signs: sbatch replaces what begins with one in the name of an output file. */
function withoutPatterns(folder: string): string {
  return folder.replaceAll('%', '%%');
}

/** The words after `sbatch` that submit the array job. */
export function arrayWords(job: Job): readonly string[] {
  const { name, folder, shards, nodes, sbatchWords } = job;
  return [
    '--parsable',
    `--job-name=${jobName(name)}`,
    `--array=1-${shards}${nodes === undefined ? '' : `%${nodes}`}`,
    ...['--nodes=1', '--ntasks=1', '--exclusive', '--requeue', '--open-mode=append'],
    `--chdir=${folder}`,
    `--output=${withoutPatterns(folder)}/shard-%a.log`,
    ...sbatchWords,
    jobFiles(job).shardScript,
  ];
}

/** The words after `sbatch` that submit the merging job, which waits for the array. */
export function mergeWords(job: Job, arrayJob: string): readonly string[] {
  const { name, folder, sbatchWords } = job;
  return [
    '--parsable',
    `--job-name=${jobName(name)}-merge`,
    `--dependency=afterany:${arrayJob}`,
    ...['--nodes=1', '--ntasks=1', '--open-mode=append'],
    `--chdir=${folder}`,
    `--output=${withoutPatterns(folder)}/merge.log`,
    ...sbatchWords,
    jobFiles(job).mergeScript,
  ];
}

/** Options of sbatch that the jobs have already, or with which it would not answer with a job's id. */
const TAKEN: ReadonlySet<string> = new Set([
  ...['-a', '--array', '-d', '--dependency', '-J', '--job-name', '-D', '--chdir'],
  ...['-o', '--output', '--open-mode', '-N', '--nodes', '-n', '--ntasks', '--parsable'],
  ...['-W', '--wait', '--wrap', '--test-only', '-h', '--help', '-u', '--usage', '-V', '--version'],
]);

/** @throws UserError for a word of `--sbatch` that is no option, or one that the jobs have already */
export function requireSbatchOption(word: string): void {
  const [, name = ''] = /^(--[a-z][a-z-]*|-[A-Za-z])/.exec(word) ?? [];
  // sbatch also takes the beginning of a long option's name.
  const taken =
    name.startsWith('--') && name.length > 2
      ? [...TAKEN].find((each) => each.startsWith(name))
      : TAKEN.has(name)
        ? name
        : undefined;
  if (name !== '' && taken === undefined && !hasControl(word)) return;
  throw new UserError(
    taken === undefined
      ? `--sbatch: expected one option of sbatch, got ${JSON.stringify(word)}`
      : `--sbatch ${word}: slurm submit sets ${taken} itself`,
    { hint: 'one word for each --sbatch, as in --sbatch=--constraint=epyc --sbatch=--mem=0' },
  );
}

/** @throws UserError for a path that Slurm would not take as it is */
export function requirePlainPath(path: string): void {
  const control = hasControl(path);
  if (!control && !path.includes('\\')) return;
  const what = control ? 'control characters' : 'a backslash, which Slurm reads in its own way';
  throw new UserError(`the path ${JSON.stringify(path)} holds ${what}`, { hint: 'rename it' });
}

function hasControl(text: string): boolean {
  return /[\x00-\x1f\x7f]/.test(text);
}
