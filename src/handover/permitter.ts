import { spawnSync } from 'node:child_process';

/** A program that lets every process of the same user trace it, and then execs the words that follow its own. */
export interface Permitter {
  readonly name: string;
  readonly words: readonly string[];
}

/**
 * The best of those that really work here: it is tried out on a shell that does nothing. prctl(PR_SET_PTRACER,
 * PR_SET_PTRACER_ANY) can be called by the tracee only, and the permission is kept over exec (prctl(2), Yama.rst).
 * `strace -D` does it as well, but stays as the tracer, so that nobody else may attach.
 */
export function findPermitter(): Permitter | undefined {
  return permitters().find(works);
}

/**
 * A user namespace of one's own, for a program and all that it starts. Whoever made one may trace what runs in it
 * (user_namespaces(7)), at scope 2 as well; and as its processes keep CAP_SYS_PTRACE there, each of them may trace the
 * others (unshare(1), --keep-caps; capabilities(7), ambient). Undefined where the system permits none.
 */
export function findNamespace(): Permitter | undefined {
  const words = ['/usr/bin/unshare', '--user', '--map-current-user', '--keep-caps', '--'];
  const unshare = { name: 'unshare', words };
  return works(unshare) ? unshare : undefined;
}

/** One that complains (perl does of a locale that is not installed) would do so before every program. */
function works({ words: [file, ...args] }: Permitter): boolean {
  const { status, stderr } = spawnSync(file!, [...args, '/bin/sh', '-c', ':'], { encoding: 'utf8' });
  return status === 0 && stderr === '';
}

function permitters(): Permitter[] {
  const prctl = PRCTL[process.arch];
  return [
    // util-linux from 2.41 on
    { name: 'setpriv', words: ['/usr/bin/setpriv', '--ptracer', 'any', '--'] },
    ...(prctl ? [{ name: 'perl', words: ['/usr/bin/perl', '-e', perlScript(prctl), '--'] }] : []),
    { name: 'python3', words: ['/usr/bin/python3', '-IS', '-c', PYTHON_SCRIPT] },
  ];
}

/** The number of the system call, by Node's name of the architecture. */
const PRCTL: Readonly<Record<string, number>> = {
  x64: 157,
  arm64: 167,
  loong64: 167,
  ppc64: 171,
  riscv64: 167,
  s390x: 172,
};

function perlScript(prctl: number): string {
  return `syscall(${prctl}, 0x59616d61, -1, 0, 0, 0) == 0 or exit 126; exec { $ARGV[0] } @ARGV; exit($! == 2 ? 127 : 126)`;
}

/** Python ignores two signals, and may set LC_CTYPE: the program gets neither. */
const PYTHON_SCRIPT = `
import ctypes, os, signal, sys
if ctypes.CDLL(None).prctl(0x59616d61, *map(ctypes.c_ulong, (2**64 - 1, 0, 0, 0))):
    sys.exit(126)
for ignored in (signal.SIGPIPE, signal.SIGXFSZ):
    signal.signal(ignored, signal.SIG_DFL)
with open('/proc/self/environ', 'rb') as file:
    variables = dict(entry.split(b'=', 1) for entry in file.read().split(b'\\0') if b'=' in entry)
try:
    os.execvpe(sys.argv[1], sys.argv[1:], variables)
except OSError as error:
    sys.exit(127 if error.errno == 2 else 126)
`;
