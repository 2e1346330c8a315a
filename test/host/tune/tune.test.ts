import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { type Guard, NO_GUARD, startGuard } from '../../../src/host/guard.ts';
import { machineFacts } from '../../../src/host/machine/machine-facts.ts';
import type { Sources } from '../../../src/host/machine/sources.ts';
import { tunableSettings } from '../../../src/host/tune/settings.ts';
import { requireTunable, tune } from '../../../src/host/tune/tune.ts';
import { LAPTOP, machine } from '../machine/file-tree.ts';

const CPU = '/sys/devices/system/cpu';
const NO_TURBO = `${CPU}/intel_pstate/no_turbo`;
const cache = mkdtempSync(join(tmpdir(), 'ipc-sweep-tune-test-'));
afterAll(() => rmSync(cache, { recursive: true, force: true }));

let laptop: Sources;
let guard: Guard;
beforeEach(async () => {
  laptop = machine('linux', LAPTOP);
  guard = await startGuard(cache);
});
const read = (path: string) => readFileSync(laptop.root + path, 'utf8').trim();
const state = () => [
  ...[0, 1, 2, 3].map((n) => read(`${CPU}/cpufreq/policy${n}/scaling_governor`)),
  read(NO_TURBO),
];
const UNTUNED = [...Array(4).fill('powersave'), '0'];

describe('tuning', () => {
  it('sets everything, says so in the facts, and the guard puts it back', async () => {
    const tuned = await tune(await tunableSettings(laptop), laptop, guard);
    expect(state()).toEqual([...Array(4).fill('performance'), '1']);
    expect(Object.fromEntries(tuned.facts)).toEqual({
      tuned: '1',
      tuned_governor: 'powersave -> performance',
      tuned_turbo: 'on -> off',
    });
    const facts = await machineFacts(laptop, undefined, { effective: undefined, sudo: undefined });
    expect([facts.get('cpu_governor'), facts.get('turbo')]).toEqual(['performance', 'off']);
    expect(await tuned.lost()).toEqual([]);
    await guard.close();
    expect(state()).toEqual(UNTUNED);
    expect(await tuned.putBack()).toEqual([]);
  });

  it('notices who else sets the same', async () => {
    const tuned = await tune(await tunableSettings(laptop), laptop, guard);
    writeFileSync(laptop.root + NO_TURBO, '0\n');
    expect((await tuned.lost()).map(({ target }) => target)).toEqual([NO_TURBO]);
    await guard.close();
  });

  it('puts back by itself what the watcher has not', async () => {
    const deaf: Guard = { ...NO_GUARD, putBackAtEnd: () => {} };
    const tuned = await tune(await tunableSettings(laptop), laptop, deaf);
    await deaf.close();
    expect(state()).not.toEqual(UNTUNED);
    expect(await tuned.putBack()).toEqual([]);
    expect(state()).toEqual(UNTUNED);
    await guard.close();
  });

  it('changes nothing without a watcher', async () => {
    const settings = await tunableSettings(laptop);
    await expect(tune(settings, laptop, NO_GUARD)).rejects.toThrow(/no watcher/);
    expect(state()).toEqual(UNTUNED);
    await guard.close();
  });

  it('that is refused half-way is an error, and what was set is put back', async () => {
    const settings = await tunableSettings(laptop);
    // Whoever may write anything may not write through a link.
    rmSync(laptop.root + NO_TURBO);
    writeFileSync(`${laptop.root}/elsewhere`, '0');
    symlinkSync(`${laptop.root}/elsewhere`, laptop.root + NO_TURBO);
    await expect(tune(settings, laptop, guard)).rejects.toThrow(
      /cannot set .*no_turbo to 1: ELOOP/,
    );
    await guard.close();
    expect(state()).toEqual(UNTUNED);
  });

  it('with sysctl sets and puts back by its command', async () => {
    const values = new Map([['hw.acpi.cpu.cx_lowest', 'C8']]);
    const freebsd: Sources = {
      ...machine('freebsd', {}),
      ask: async (_, [first = '', second]) => {
        if (first === '-i') return 'hw.acpi.cpu.cx_lowest: C8';
        if (first === '-n') return values.get(second ?? '');
        const [name = '', value = ''] = first.split('=');
        values.set(name, value);
        return '';
      },
    };
    const deaf: Guard = { ...NO_GUARD, putBackAtEnd: () => {} };
    const tuned = await tune(await tunableSettings(freebsd), freebsd, deaf);
    expect([...values.values()]).toEqual(['C1']);
    expect(tuned.facts.get('tuned_idle_states')).toBe('C8 -> C1');
    expect(await tuned.putBack()).toEqual([]);
    expect([...values.values()]).toEqual(['C8']);
    await guard.close();
  });
});

describe('tuning is asked for in vain', () => {
  it('by who is not root, and where nothing can be set', async () => {
    await expect(requireTunable(laptop, 1000)).rejects.toMatchObject({ exitCode: 3 });
    await expect(requireTunable(machine('linux', {}), 0)).rejects.toMatchObject({ exitCode: 3 });
    expect(await requireTunable(laptop, 0)).toHaveLength(2);
    await guard.close();
  });
});
