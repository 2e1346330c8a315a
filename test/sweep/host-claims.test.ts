import { describe, expect, it } from 'vitest';
import type { Host } from '../../src/host/host.ts';
import { HostClaims } from '../../src/sweep/host-claims.ts';

const TAKEN = 'ipc-sweep holds this machine: pid 7, sweep other';

/** A host whose port is answered for as told, in turn. */
function hostThatSays(...answers: (string | undefined)[]): Host {
  return { name: 'board', hold: async () => answers.shift() } as Partial<Host> as Host;
}

describe('the claim of a machine', () => {
  it('does not wait for another sweep once it was had: whoever reconnects must be able to stop', async () => {
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

  it('goes on where it cannot be told who has the port, and says so', async () => {
    const claims = new HostClaims({ holder: 'me', wait: false, port: 6471, onWait: () => {} });
    await claims.claim(hostThatSays('its port is used by something that says nothing'));
    expect(claims.warningsOf('board')).toMatchObject([{ code: 'host-not-locked' }]);
  });
});
