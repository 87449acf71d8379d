import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { TOOL_NAMES } from '../../src/tools/tool.ts';
import { type Row, type RunScript, time } from './stopwatch.ts';

/** One shim: what it costs beyond the tool behind it. */
export interface Overhead {
  readonly name: string;
  /** Milliseconds for a run of the tool alone and through the shim. */
  readonly alone: number;
  readonly through: number;
}

/** The shells that /bin/sh is on Debian, on Alpine and on Fedora. */
export const SHELLS = ['dash', 'busybox sh', 'bash --posix'] as const;

/**
 * A tool alone, through a shim that is nothing but an `exec`, in static C and by the shell, and through ours by the same
 * shell. The tool stands for strace and ends at once: beside the real one's start a shim is too small to be seen. `fixtures`
 * is where the C is built.
 */
export async function timeShim(
  shell: string,
  shims: string,
  fixtures: string,
  label: string,
  run: RunScript,
  often?: Parameters<typeof time>[2],
) {
  // A login's search path, and not that of `npm run`, which is longer: the shim reads it to the end.
  const setUp = `PATH=${shims}:/usr/local/bin:/usr/bin:/usr/local/sbin:/usr/sbin:/sbin:/bin; tools=$(mktemp -d)
    cp ${fixtures}/exec-only "$tools/strace"; printf '#!/bin/sh\\nexec %s "$@"\\n' "$tools/strace" >"$tools/bare"
    PATH=${shims}:/usr/local/bin:$tools:/usr/local/sbin:/usr/sbin:/sbin:/bin`;
  const rows: Row[] = [
    { name: 'alone', line: '"$tools/strace" -V' },
    { name: 'bare', line: `${shell} "$tools/bare" -V` },
    { name: 'static', line: '"$tools/strace" "$tools/strace" -V' },
    { name: 'ours', line: `${shell} ${shims}/strace -V` },
  ];
  const times = await time(rows, (script) => run(`${setUp}; ${script}; rm -r "$tools"`), often);
  const alone = times.get('alone')!;
  return [
    { name: `only exec, ${shell}`, alone, through: times.get('bare')! },
    { name: 'no shell, static C', alone, through: times.get('static')! },
    { name: `ptrace-shim, ${shell}${label}`, alone, through: times.get('ours')! },
  ] satisfies Overhead[];
}

/** Each tool that this machine has, alone and through its shim, where it has nothing to attach to. */
export async function timeTools(shims: string, run: RunScript): Promise<Overhead[]> {
  const overheads: Overhead[] = [];
  for (const name of TOOL_NAMES) {
    const real = `/usr/bin/${name}`;
    if (!existsSync(real)) continue;
    const rows = [
      { name: 'alone', line: `${real} --version` },
      { name: 'through', line: `${shims}/${name} --version` },
    ];
    const times = await time(rows, (script) => run(`PATH=${shims}:/usr/bin:/bin; ${script}`), {
      rounds: 9,
      repeats: 5,
    });
    overheads.push({ name, alone: times.get('alone')!, through: times.get('through')! });
  }
  return overheads;
}

/** Other projects' shims, each with the tool behind it, where this machine has them. */
export async function timeOthers(run: RunScript): Promise<Overhead[]> {
  const overheads: Overhead[] = [];
  for (const { name, shim, tool } of OTHERS) {
    if (!existsSync(shim)) continue;
    const real = (await run(tool)).trim();
    const rows = [
      { name: 'alone', line: `${real} --version` },
      { name: 'through', line: `${shim} --version` },
    ];
    const times = await time(rows, run, { rounds: 7, repeats: 5 });
    overheads.push({ name, alone: times.get('alone')!, through: times.get('through')! });
  }
  return overheads;
}

const OTHERS = [
  { name: 'ccache', shim: '/usr/lib/ccache/gcc', tool: 'echo /usr/bin/gcc' },
  { name: 'ccache', shim: '/usr/lib64/ccache/gcc', tool: 'echo /usr/bin/gcc' },
  {
    name: 'pyenv',
    shim: `${homedir()}/.pyenv/shims/python3`,
    tool: `${homedir()}/.pyenv/bin/pyenv which python3`,
  },
  { name: 'rbenv', shim: `${homedir()}/.rbenv/shims/ruby`, tool: 'rbenv which ruby' },
  {
    name: 'mise',
    shim: `${homedir()}/.local/share/mise/shims/node`,
    tool: 'mise which node',
  },
];
