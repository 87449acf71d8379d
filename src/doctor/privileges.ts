import { existsSync, statSync } from 'node:fs';
import type { Container } from '../machine/container.ts';
import { installCommand } from '../machine/package-manager.ts';
import { findElevator, findTrusted } from '../root/elevator.ts';
import type { Settings } from '../settings.ts';
import type { Finding } from './finding.ts';

/** How `Attach now` would become root, and who would ask for the password. */
export function checkElevation(elevate: Settings['elevate'], container: Container | undefined): Finding[] {
  const elevator = findElevator(elevate);
  const polkit = checkPolkit();
  if ('reason' in elevator) {
    // In a container the scope is out of reach in any case.
    const level = container && container.kind !== 'wsl' ? 'note' : 'broken';
    const message = `'Attach now' cannot become root: ${elevator.reason}`;
    const help = elevator.code === 'no-elevator' ? installPolkit() : undefined;
    return [{ id: 'elevation', level, message, ...(help ? { help } : {}) }, ...polkit];
  }
  const { name, path } = elevator;
  if (name === 'root') return [{ id: 'elevation', level: 'ok', message: 'you are root' }];
  const message = `${path} asks for the password of 'Attach now'`;
  return [{ id: 'elevation', level: 'ok', message }, ...polkit, ...(name === 'pkexec' ? [checkAgent()] : [])];
}

function installPolkit(): string | undefined {
  return installCommand('polkit', 'pkexec polkitd');
}

/** Why pkexec, where there is one, could not be used. */
function checkPolkit(): Finding[] {
  const id = 'polkit';
  const pkexec = '/usr/bin/pkexec';
  const file = statSync(pkexec, { throwIfNoEntry: false });
  if (file === undefined || findTrusted('pkexec')) return [];
  if (file.uid !== 0 || (file.mode & 0o4000) === 0) {
    return [{ id, level: 'note', message: `${pkexec} is not set-uid root`, help: `ls -l ${pkexec}` }];
  }
  const message = 'pkexec has no polkit to ask: the D-Bus system bus is not running';
  return [{ id, level: 'note', message, help: 'systemctl status dbus.socket polkit' }];
}

function checkAgent(): Finding {
  const id = 'agent';
  if (process.env.WAYLAND_DISPLAY || process.env.DISPLAY) {
    return { id, level: 'ok', message: "your desktop's agent asks for the password" };
  }
  if (existsSync('/usr/bin/pkttyagent')) {
    return { id, level: 'ok', message: 'pkttyagent asks for the password at the terminal' };
  }
  const help = installPolkit();
  const message = 'nothing can ask for the password: no desktop, and no pkttyagent';
  return { id, level: 'broken', message, ...(help ? { help } : {}) };
}

/** Where the shims are passed by, which is as it should be. */
export function tellBypasses(): Finding[] {
  return [
    {
      id: 'sudo',
      level: 'note',
      message: 'sudo gdb runs the real gdb at once: nothing is refused to root',
    },
    {
      id: 'ide',
      level: 'note',
      message: 'an IDE that calls /usr/bin/gdb by its full path does not come to the shim',
      help: 'ptrace-shim allow <pid>',
    },
  ];
}
