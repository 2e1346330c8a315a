import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import type { Workplace } from './workplace.ts';

/**
 * Puts an `ssh` into a folder for PATH that runs its last word here, as a login shell there would.
 * Where the tests may, each board has a name of its own (uname -n). A board whose name stands as a
 * file in the folder `off` cannot be reached.
 */
export class Boards {
  readonly environment: NodeJS.ProcessEnv;
  /** Whether the boards call themselves by the names that ssh knows them by. */
  readonly named = process.getuid?.() === 0 && existsSync('/usr/bin/unshare');
  readonly #place: Workplace;

  constructor(place: Workplace) {
    this.#place = place;
    mkdirSync(place.path('bin'));
    mkdirSync(place.path('off'));
    const start = this.named
      ? 'exec unshare -u sh -c \'hostname "$1"; exec sh -c "$2"\' sh "$host" "$last"'
      : 'exec sh -c "$last"';
    writeFileSync(
      place.path('bin/ssh'),
      `#!/bin/sh
for word; do host=$last; last=$word; done
if [ -e '${place.path('off')}'/"$host" ]; then
  echo "ssh: connect to host $host port 22: No route to host" >&2
  exit 255
fi
${start}
`,
    );
    chmodSync(place.path('bin/ssh'), 0o755);
    this.environment = { PATH: `${place.path('bin')}:${process.env.PATH}` };
  }

  run(...words: string[]) {
    return this.#place.start(words, this.environment).ended;
  }

  turnOff(name: string): void {
    writeFileSync(this.#place.path('off', name), '');
  }
}
