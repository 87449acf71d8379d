import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectVm } from './harness/connect.ts';
import { CHECKOUT } from './harness/vm.ts';

const vm = await connectVm();

/** Packages with Fedora's names, each with the file that makes the difference. */
const PACKAGES = {
  'elfutils-default-yama-scope': '10-default-yama-scope.conf',
  'yama-ptrace-enable': '10-yama-ptrace-enable.conf',
};
type Package = keyof typeof PACKAGES;

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ptrace-shim-rpm-'));
  try {
    for (const [name, file] of Object.entries(PACKAGES)) {
      const spec = join(folder, `${name}.spec`);
      await writeFile(spec, renderSpec(name, file));
      await execa('rpmbuild', [
        '-bb',
        '--define',
        `_topdir ${folder}`,
        '--define',
        `_rpmdir ${folder}`,
        spec,
      ]);
      await vm.writeFile(
        `/tmp/${name}.rpm`,
        await readFile(join(folder, 'noarch', `${name}-1-1.noarch.rpm`)),
      );
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  await vm.asRoot('rm -rf /etc/sysctl.d/*');
});

afterAll(() => vm.run(`rpm -e ${Object.keys(PACKAGES).join(' ')}; rm -rf /etc/sysctl.d/*`, { user: 'root' }));

function renderSpec(name: string, file: string): string {
  return `Name: ${name}
Version: 1
Release: 1
Summary: the default scope
License: MIT
BuildArch: noarch
%description
%install
mkdir -p %{buildroot}/usr/lib/sysctl.d
echo 'kernel.yama.ptrace_scope = 0' >%{buildroot}/usr/lib/sysctl.d/${file}
%files
/usr/lib/sysctl.d/${file}
`;
}

interface Machine {
  osRelease: string;
  packages?: Package[];
  /** Set by the distribution, as a shell command. */
  settings?: string;
  /** Who built the kernel. */
  kernel?: string;
}

/** Makes the guest that machine, in so far as files tell, and runs both commands there. */
async function tell({ osRelease, packages = [], settings = ':', kernel = 'mockbuild@builder' }: Machine) {
  for (const name of Object.keys(PACKAGES) as Package[]) {
    const wanted = packages.includes(name);
    const has = (await vm.run(['rpm', '-q', name], { user: 'root' })).status === 0;
    if (wanted !== has) {
      const words = wanted ? ['-i', '--nodeps', `/tmp/${name}.rpm`] : ['-e', '--nodeps', name];
      await vm.asRoot(['rpm', ...words]);
    }
  }
  await vm.writeFile('/tmp/os-release', osRelease);
  await vm.writeFile('/tmp/version', `Linux version 6.17.0 (${kernel}) (gcc)\n`);
  const inside = `
    mount --bind /tmp/os-release /etc/os-release && mount --bind /tmp/version /proc/version && ${settings}
    for words in explain status 'status --json'; do node ${CHECKOUT}/dist/main.js $words || exit; echo @@; done`;
  const output = await vm.read(['unshare', '-m', 'sh', '-c', inside], {
    user: 'root',
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
  });
  const [explanation, status, json] = output.split('@@\n');
  return {
    explanation: explanation!.replace(/\s+/g, ' '),
    status: status!,
    json: JSON.parse(json!.replace('@@', '')),
  };
}

function fedora(version: number): string {
  return `NAME="Fedora Linux"\nVERSION_ID=${version}\nID=fedora\nPRETTY_NAME="Fedora Linux ${version} (Workstation Edition)"\n`;
}

describe('explain and status say the right thing on', () => {
  test('Fedora 44', async () => {
    await vm.setScope(0);
    const { explanation, status, json } = await tell({
      osRelease: fedora(44),
      packages: ['elfutils-default-yama-scope'],
    });
    expect(explanation).toContain('kernel.yama.ptrace_scope is 0 (classic) on Fedora Linux 44');
    expect(explanation).toContain(
      'Fedora up to 44 sets 0 at boot, by the package elfutils-default-yama-scope',
    );
    expect(explanation).not.toContain('dnf install');
    expect(status).toContain('next boot  0 (classic), by /usr/lib/sysctl.d/10-default-yama-scope.conf:1');
    expect(status).toContain('elfutils-default-yama-scope is installed: it sets 0 at boot');
    expect(json).toMatchObject({
      scope: 0,
      meaning: 'classic',
      nextBoot: { scope: 0, decidedBy: { file: '/usr/lib/sysctl.d/10-default-yama-scope.conf', line: 1 } },
      release: { id: 'fedora', version: '44', restrictsByDefault: false },
      packages: { defaultYamaScope: true, yamaPtraceEnable: false },
    });
  });

  test('Fedora 45', async () => {
    await vm.setScope(1);
    const { explanation, status, json } = await tell({ osRelease: fedora(45) });
    expect(explanation).toContain("From Fedora 45 on the kernel's own default, 1, holds");
    expect(explanation).toContain('yama-ptrace-enable, is not installed here.');
    expect(explanation).toContain('sudo dnf install yama-ptrace-enable');
    expect(explanation).toContain('https://fedoraproject.org/wiki/Changes/Restrict_ptrace_by_default');
    expect(explanation).not.toContain('all the same: ptrace-shim status');
    expect(status).toContain("next boot  1 (restricted), the kernel's own default");
    expect(status).toContain('yama-ptrace-enable is not installed');
    expect(json).toMatchObject({
      scope: 1,
      meaning: 'restricted',
      nextBoot: { scope: 1, decidedBy: null },
      release: { id: 'fedora', version: '45', restrictsByDefault: true },
      packages: { defaultYamaScope: false, yamaPtraceEnable: false },
    });
  });

  test('Fedora 45 with yama-ptrace-enable', async () => {
    await vm.setScope(0);
    const { explanation, status, json } = await tell({
      osRelease: fedora(45),
      packages: ['yama-ptrace-enable'],
    });
    expect(explanation).toContain('yama-ptrace-enable, is installed here: every boot sets 0.');
    expect(explanation).toContain('sudo dnf remove yama-ptrace-enable');
    expect(explanation).not.toContain('dnf install');
    expect(status).toContain('next boot  0 (classic), by /usr/lib/sysctl.d/10-yama-ptrace-enable.conf:1');
    expect(status).toContain('yama-ptrace-enable is installed: it sets 0 at boot');
    expect(json).toMatchObject({ nextBoot: { scope: 0 }, packages: { yamaPtraceEnable: true } });
  });

  test('Ubuntu', async () => {
    await vm.setScope(1);
    const { explanation, status, json } = await tell({
      osRelease: 'PRETTY_NAME="Ubuntu 26.04 LTS"\nID=ubuntu\nID_LIKE=debian\nVERSION_ID="26.04"\n',
      settings:
        'mount -t tmpfs tmpfs /etc/sysctl.d && echo kernel.yama.ptrace_scope = 1 >/etc/sysctl.d/10-ptrace.conf',
    });
    expect(explanation).toContain('Ubuntu sets 1 at boot, in /etc/sysctl.d/10-ptrace.conf.');
    expect(explanation).not.toMatch(/dnf|Fedora/);
    expect(status).toContain('next boot  1 (restricted), by /etc/sysctl.d/10-ptrace.conf:1');
    expect(status).not.toContain('package');
    expect(json.release).toMatchObject({ id: 'ubuntu', version: '26.04', restrictsByDefault: true });
  });

  test('Arch', async () => {
    await vm.setScope(1);
    const { explanation, status, json } = await tell({
      osRelease: 'NAME="Arch Linux"\nPRETTY_NAME="Arch Linux"\nID=arch\n',
    });
    expect(explanation).toContain("Arch Linux keeps the kernel's own default, 1.");
    expect(explanation).not.toMatch(/dnf|Fedora/);
    expect(status).toContain("next boot  1 (restricted), the kernel's own default");
    expect(json.release).toMatchObject({ id: 'arch', version: '', restrictsByDefault: true });
  });

  test('Debian', async () => {
    await vm.setScope(0);
    const { explanation, status, json } = await tell({
      osRelease: 'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nID=debian\nVERSION_ID="13"\n',
      kernel: 'debian-kernel@lists.debian.org',
    });
    expect(explanation).toContain("Debian's kernel starts with 0");
    expect(explanation).not.toMatch(/dnf|Fedora/);
    expect(status).toContain("next boot  0 (classic), the kernel's own default");
    expect(json.release).toMatchObject({ id: 'debian', restrictsByDefault: false });
  });
});

test('a machine that was hardened is told so', async () => {
  await vm.setScope(2);
  const { explanation, status } = await tell({ osRelease: fedora(45) });
  expect(explanation).toContain('Here it is 2 all the same');
  expect(explanation).toContain('unshare -r gdb --args PROGRAM');
  expect(status).toContain('kernel.yama.ptrace_scope is 2 (admin-only)');
});
