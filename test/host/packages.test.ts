import { describe, expect, it } from 'vitest';
import { installCommand, type System } from '../../src/host/packages.ts';

function system(change: Partial<System> & { commands?: readonly string[] }): System {
  const { commands = [], ...rest } = change;
  return {
    ...{ platform: 'linux', osRelease: '', root: true },
    has: (command) => commands.includes(command),
    ...rest,
  };
}

describe('the command to install something', () => {
  it.each([
    ['Debian', 'ID=debian\n', ['apt-get'], 'apt-get install bpftrace'],
    ['Debian with a package of dnf', 'ID=debian\n', ['dnf', 'apt-get'], 'apt-get install bpftrace'],
    ['Fedora with a package of apt', 'ID=fedora\n', ['apt-get', 'dnf'], 'dnf install bpftrace'],
    ['Ubuntu', 'ID=ubuntu\nID_LIKE=debian\n', ['apt-get'], 'apt-get install bpftrace'],
    ['Rocky', 'ID="rocky"\nID_LIKE="rhel centos fedora"\n', ['yum', 'dnf'], 'dnf install bpftrace'],
    [
      'openSUSE',
      'ID="opensuse-leap"\nID_LIKE="suse opensuse"\n',
      ['zypper'],
      'zypper install bpftrace',
    ],
    ['Arch', 'ID=arch\n', ['pacman'], 'pacman -S bpftrace'],
    ['Alpine', 'ID=alpine\n', ['apk'], 'apk add bpftrace'],
    ['a system without a name', '', ['apt-get'], 'apt-get install bpftrace'],
    ['an unknown system', 'ID=gentoo\n', [], 'bpftrace, with the package manager of this system'],
  ])('uses the package manager of %s', (_, osRelease, commands, expected) => {
    expect(installCommand('bpftrace', system({ osRelease, commands }))).toBe(expected);
  });

  it('names the packages as that manager calls them, with sudo for anybody but root', () => {
    const debian = system({ osRelease: 'ID=debian\n', commands: ['apt-get'], root: false });
    expect(installCommand('compiler', debian)).toBe('sudo apt-get install gcc libc6-dev');
    const alpine = system({ osRelease: 'ID=alpine\n', commands: ['apk'] });
    expect(installCommand('compiler', alpine)).toBe('apk add build-base');
    expect(installCommand('sqlite3', alpine)).toBe('apk add sqlite');
    for (const [platform, words] of [
      ['freebsd', 'cc is in the base system'],
      ['darwin', 'xcode-select --install'],
      ['sunos', 'pkg install gcc13'],
    ] as const) {
      expect(installCommand('compiler', system({ platform }))).toContain(words);
    }
  });
});
