import { readLink, readText } from '../kernel/read.ts';
import { renderHostile } from '../terminal.ts';

/**
 * What holds a process back, or apart, that a program started from here would be without: a sentence each, safe for a
 * terminal. A new process has what its parent has, so only what differs from ours is told.
 */
export function readConfinement(pid: number, proc = '/proc'): string[] {
  const its = readText(`${proc}/${pid}/status`) ?? '';
  const ours = readText(`${proc}/self/status`) ?? '';
  const differs = (...fields: string[]) =>
    fields.some((field) => readField(its, field) !== readField(ours, field));
  const remarks: string[] = [];
  if (readField(its, 'NoNewPrivs') === '1' && differs('NoNewPrivs')) {
    // Nothing in /proc tells of Landlock (Linux 6.18), which asks for no_new_privs.
    remarks.push(
      `${pid} runs with no_new_privs, and perhaps in a Landlock sandbox: the new one runs without either`,
    );
  }
  if ((readField(its, 'Seccomp') ?? '0') !== '0' && differs('Seccomp', 'Seccomp_filters')) {
    remarks.push(`${pid} runs under a seccomp filter: the new one runs without it`);
  }
  const [label, ownLabel] = [readLabel(pid, proc), readLabel('self', proc)];
  if (label !== undefined && label !== ownLabel) {
    const policy = 'the new one gets what the policy gives to a program that you start';
    remarks.push(`${pid} has the security label ${renderHostile(label, 80)}: ${policy}`);
  }
  const apart = Object.entries(NAMESPACES).filter(([kind]) => isApart(kind, pid, proc));
  if (apart.length > 0) {
    const kinds = apart.map(([, name]) => name).join(', ');
    remarks.push(`${pid} is in another namespace than you (${kinds}): the new one runs in yours`);
  }
  if (differs('CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb')) {
    remarks.push(`${pid} has other capabilities than you: the new one has yours`);
  }
  if (differs('Groups'))
    remarks.push(`${pid} belongs to other groups than you: the new one belongs to yours`);
  return remarks;
}

/** Those of files, process ids and users are no matter of a remark: see readProgram. */
const NAMESPACES = { cgroup: 'cgroup', ipc: 'IPC', net: 'network', time: 'time', uts: 'host name' };

function isApart(kind: string, pid: number, proc: string): boolean {
  const link = readLink(`${proc}/${pid}/ns/${kind}`);
  return link !== undefined && link !== readLink(`${proc}/self/ns/${kind}`);
}

function readField(status: string, field: string): string | undefined {
  return new RegExp(`^${field}:[ \\t]*(.*?)[ \\t]*$`, 'm').exec(status)?.[1];
}

/** SELinux's or AppArmor's; undefined where no security module has one. */
function readLabel(pid: number | 'self', proc: string): string | undefined {
  return readText(`${proc}/${pid}/attr/current`)?.replace(/[\0\n]+$/, '');
}
