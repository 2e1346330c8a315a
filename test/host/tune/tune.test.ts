import { readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Host } from '../../../src/host/host.ts';
import { machineFacts } from '../../../src/host/machine/machine-facts.ts';
import { tunableSettings } from '../../../src/host/tune/settings.ts';
import { requireTunable, tune } from '../../../src/host/tune/tune.ts';
import { type LocalHost, localHost } from '../local-host.ts';
import { LAPTOP, machine } from '../machine/file-tree.ts';

const CPU = '/sys/devices/system/cpu';
const NO_TURBO = `${CPU}/intel_pstate/no_turbo`;

let here: LocalHost;
let laptop: ReturnType<typeof machine>;
let host: Host;
beforeAll(async () => {
  here = await localHost();
});
afterAll(() => here.close());
beforeEach(() => {
  laptop = machine('linux', LAPTOP);
  host = onTree(laptop);
});

/** A host whose files and commands are the tree's; the rest is this machine's. */
function onTree(tree: ReturnType<typeof machine>, putBack = true): Host {
  const saved: { readonly target: string; readonly value: string }[] = [];
  const at = (path: string) => tree.root + path;
  return {
    name: 'laptop',
    machine: { ...here.host.machine, platform: tree.platform, user: 0 },
    list: tree.list,
    readFile: async (path: string) => {
      const text = await tree.readText(path);
      return text === undefined ? undefined : Buffer.from(text);
    },
    writeSetting: (path: string, value: string) => here.host.writeSetting(at(path), value),
    putBackAtEnd: async (setting: { readonly target: string; readonly value: string }) => {
      saved.unshift(setting);
    },
    run: async ({ words: [program = '', ...args] }: { readonly words: readonly string[] }) => ({
      end: { kind: 'exited', exitCode: 0 },
      stdout: Buffer.from((await tree.ask(program, args)) ?? ''),
    }),
    close: async () => {
      if (!putBack) return;
      for (const { target, value } of saved) await here.host.writeSetting(at(target), value);
    },
  } as unknown as Host;
}
const read = (path: string) => readFileSync(laptop.root + path, 'utf8').trim();
const state = () => [
  ...[0, 1, 2, 3].map((n) => read(`${CPU}/cpufreq/policy${n}/scaling_governor`)),
  read(NO_TURBO),
];
const UNTUNED = [...Array(4).fill('powersave'), '0'];

describe('tuning', () => {
  it('sets everything and reports it in the facts, and the host restores it', async () => {
    const tuned = await tune(await tunableSettings(laptop), host);
    expect(state()).toEqual([...Array(4).fill('performance'), '1']);
    expect(Object.fromEntries(tuned.facts)).toEqual({
      tuned: '1',
      tuned_governor: 'powersave -> performance',
      tuned_turbo: 'on -> off',
    });
    const facts = await machineFacts(laptop, undefined, { effective: undefined, sudo: undefined });
    expect([facts.get('cpu_governor'), facts.get('turbo')]).toEqual(['performance', 'off']);
    expect(await tuned.lost()).toEqual([]);
    await host.close();
    expect(state()).toEqual(UNTUNED);
    expect(await tuned.putBack()).toEqual([]);
  });

  it('notices that somebody else changes the same settings', async () => {
    const tuned = await tune(await tunableSettings(laptop), host);
    writeFileSync(laptop.root + NO_TURBO, '0\n');
    expect((await tuned.lost()).map(({ target }) => target)).toEqual([NO_TURBO]);
    await host.close();
  });

  it('restores everything on request', async () => {
    const deaf = onTree(laptop, false);
    const tuned = await tune(await tunableSettings(laptop), deaf);
    await deaf.close();
    expect(state()).not.toEqual(UNTUNED);
    expect(await tuned.putBack()).toEqual([]);
    expect(state()).toEqual(UNTUNED);
    await host.close();
  });

  it('that is refused half-way is an error, and the settings made so far are restored', async () => {
    const settings = await tunableSettings(laptop);
    // Whoever may write anything may not write through a link.
    rmSync(laptop.root + NO_TURBO);
    writeFileSync(`${laptop.root}/elsewhere`, '0');
    symlinkSync(`${laptop.root}/elsewhere`, laptop.root + NO_TURBO);
    await expect(tune(settings, host)).rejects.toThrow(
      /cannot set .*no_turbo to 1: .*symbolic links/,
    );
    await host.close();
    expect(state()).toEqual(UNTUNED);
  });

  it('with sysctl sets and restores values by that command', async () => {
    const values = new Map([['hw.acpi.cpu.cx_lowest', 'C8']]);
    const freebsd = {
      ...machine('freebsd', {}),
      ask: async (_: string, [first = '', second]: readonly string[]) => {
        if (first === '-i') return 'hw.acpi.cpu.cx_lowest: C8';
        if (first === '-n') return values.get(second ?? '');
        const [name = '', value = ''] = first.split('=');
        values.set(name, value);
        return '';
      },
    };
    const tuned = await tune(await tunableSettings(freebsd), onTree(freebsd));
    expect([...values.values()]).toEqual(['C1']);
    expect(tuned.facts.get('tuned_idle_states')).toBe('C8 -> C1');
    expect(await tuned.putBack()).toEqual([]);
    expect([...values.values()]).toEqual(['C8']);
    await host.close();
  });
});

describe('tuning is refused', () => {
  it('to anybody but root, and where nothing can be set', async () => {
    const nobody = { ...host, machine: { ...host.machine, user: 1000 } };
    await expect(requireTunable(nobody)).rejects.toMatchObject({ exitCode: 3 });
    const bare = onTree(machine('linux', {}));
    await expect(requireTunable(bare)).rejects.toMatchObject({ exitCode: 3 });
    expect(await requireTunable(host)).toHaveLength(2);
  });
});
