import { readText } from './read.ts';

/** What /proc/PID/status tells to everybody who can see the process (no access check). */
export interface Status {
  /** The name (comm) with newlines and backslashes escaped by the kernel; hostile text all the same. */
  readonly name: string;
  /** The first letter of the state: R, S, D, T, t, Z, X … */
  readonly state: string;
  /** The process that this task is a thread of; its own id for a process. */
  readonly tgid: number;
  /** The parent, by process and not by thread; 0 when there is none in this pid namespace. */
  readonly ppid: number;
  /** 0 when nobody traces it, or when the tracer is outside of this pid namespace. */
  readonly tracerPid: number;
  readonly uid: Ids;
  readonly gid: Ids;
  readonly threads: number;
  readonly capPrm: bigint;
  readonly capEff: bigint;
  /** What a program that gains privileges may hold at most. */
  readonly capBnd: bigint;
  readonly noNewPrivs: boolean;
  /** 0 none, 1 strict, 2 filter. */
  readonly seccomp: number;
}

export interface Ids {
  readonly real: number;
  readonly effective: number;
  readonly saved: number;
}

/** Works for a thread id too. Undefined when there is no such task or it is hidden. */
export function readStatus(pid: number | 'self', proc = '/proc'): Status | undefined {
  const text = readText(`${proc}/${pid}/status`);
  if (text === undefined) return undefined;
  const fields = new Map(text.split('\n').map((line) => split(line)));
  const number = (field: string) => Number.parseInt(fields.get(field) ?? '0', 10);
  const bits = (field: string) => BigInt(`0x${fields.get(field) ?? '0'}`);
  return {
    name: fields.get('Name') ?? '',
    state: (fields.get('State') ?? '').charAt(0),
    tgid: number('Tgid'),
    ppid: number('PPid'),
    tracerPid: number('TracerPid'),
    uid: ids(fields.get('Uid')),
    gid: ids(fields.get('Gid')),
    threads: number('Threads'),
    capPrm: bits('CapPrm'),
    capEff: bits('CapEff'),
    capBnd: bits('CapBnd'),
    noNewPrivs: number('NoNewPrivs') === 1,
    seccomp: number('Seccomp'),
  };
}

function split(line: string): [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon), line.slice(colon + 1).replace(/^\t/, '')]; // a name may begin with blanks
}

function ids(field = ''): Ids {
  const [real = -1, effective = -1, saved = -1] = field.split('\t').map(Number);
  return { real, effective, saved };
}

const CAP_SYS_PTRACE = 1n << 19n; // include/uapi/linux/capability.h

/** Could a program that gains privileges hold CAP_SYS_PTRACE, or was this session started without it for good? */
export function canGainPtraceCapability({ capBnd }: Pick<Status, 'capBnd'>): boolean {
  return (capBnd & CAP_SYS_PTRACE) !== 0n;
}

/** Does it hold CAP_SYS_PTRACE (in its own user namespace)? */
export function hasPtraceCapability(status: Pick<Status, 'capEff'>): boolean {
  return (status.capEff & CAP_SYS_PTRACE) !== 0n;
}
