import { describe, expect, it } from 'vitest';
import type { Host } from '../../src/host/host.ts';
import { HostClaims } from '../../src/sweep/host-claims.ts';

const TAKEN = 'ipc-sweep holds this machine: pid 7, sweep other';

/** A host whose port is answered for as told, in turn. */
function hostThatSays(...answers: (string | undefined)[]): Host {
  return { name: 'board', hold: async () => answers.shift() } as Partial<Host> as Host;
}

describe('the claim of a machine', () => {
  it('does not wait for another sweep after it was once granted, so that a reconnecting sweep can stop', async () => {
    const waited: string[] = [];
    const claims = new HostClaims({
      ...{ holder: 'me', wait: true, port: 6471 },
      onWait: (host) => waited.push(host),
    });
    const host = hostThatSays(undefined, TAKEN);
    await claims.claim(host);
    await expect(claims.claim(host)).rejects.toThrow(
      'another sweep runs on board: pid 7, sweep other',
    );
    expect(waited).toEqual([]);
  });

  it('goes on with a warning where the user of the port is unknown', async () => {
    const claims = new HostClaims({ holder: 'me', wait: false, port: 6471, onWait: () => {} });
    await claims.claim(hostThatSays('its port is used by something that says nothing'));
    expect(claims.warningsOf('board')).toMatchObject([{ code: 'host-not-locked' }]);
  });
});
