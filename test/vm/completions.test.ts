import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { NamedVerdict } from '../../src/commands/why.ts';
import { connectVm } from './harness/connect.ts';
import { startTarget } from './harness/person.ts';
import type { Terminal } from './harness/terminal.ts';
import { CHECKOUT, PATH, PATH_WITH_SHIMS, TARGET, USERS } from './harness/vm.ts';

const vm = await connectVm();
/** The files of a package, here and there. */
const STAGED = '/tmp/staged/usr/share';
const STAGE = fileURLToPath(new URL('../../packaging/stage.sh', import.meta.url));
const FRAMEWORK = '. /usr/share/bash-completion/bash_completion';

/** Each shell as somebody set it up, in lines of its rc file. */
const SHELLS = {
  bash: {
    program: ['bash', '--noprofile'],
    rc: [FRAMEWORK, `. ${STAGED}/bash-completion/completions/ptrace-shim`],
  },
  zsh: {
    program: ['zsh', '-d'],
    rc: [
      `fpath=(${STAGED}/zsh/site-functions $fpath)`,
      'autoload -Uz compinit && compinit -C -d ~/.zcompdump-ours',
    ],
  },
  fish: { program: ['fish'], rc: [`set -p fish_complete_path ${STAGED}/fish/vendor_completions.d`] },
  'bash without bash-completion': {
    program: ['bash', '--noprofile'],
    rc: [`. ${STAGED}/bash-completion/completions/ptrace-shim`],
  },
  'bash, by the line of the help': {
    program: ['bash', '--noprofile'],
    rc: [FRAMEWORK, 'eval "$(ptrace-shim completion bash)"'],
  },
  'zsh, by the line of the help': {
    program: ['zsh', '-d'],
    rc: [
      'autoload -Uz compinit && compinit -C -d ~/.zcompdump-plain',
      'eval "$(ptrace-shim completion zsh)"',
    ],
  },
  'fish, by the line of the help': { program: ['fish'], rc: ['ptrace-shim completion fish | source'] },
} as const;
type Shell = keyof typeof SHELLS;

/** Where each shell looks for its rc file, and what makes the prompt a plain one, and lists come at the first TAB. */
const RC = {
  bash: ['.bashrc', "PS1='$ '"],
  zsh: ['.zshrc', "PS1='$ '\nunsetopt LIST_AMBIGUOUS"],
  fish: [
    '.config/fish/config.fish',
    "set fish_greeting\nset fish_autosuggestion_enabled 0\nfunction fish_prompt\necho -n '$ '\nend",
  ],
} as const;

/** The same for readline, and no pages. */
const INPUTRC = 'set show-all-if-ambiguous on\nset page-completions off\nset completion-query-items 0\n';

/** Two, as a single one would be completed and not listed. */
let underValgrind: number[];
beforeAll(async () => {
  await vm.read(['sh', `${CHECKOUT}/packaging/stage.sh`, '/tmp/staged']);
  const staged = await mkdtemp(join(tmpdir(), 'ptrace-shim-staged-'));
  await execa('sh', [STAGE, staged]);
  await dumpCompletions('ours', `${staged}/usr/share/zsh/site-functions`);
  await rm(staged, { recursive: true });
  await dumpCompletions('plain');
  underValgrind = [await startUnderValgrind(), await startUnderValgrind()];
});
beforeEach(() => vm.setScope(1));

test.each([
  'bash without bash-completion',
  'bash, by the line of the help',
  'zsh, by the line of the help',
  'fish, by the line of the help',
] as const)('%s: completes values and process ids', async (shell) => {
  const { pid } = await startTarget(vm);
  const terminal = await open(shell);
  await complete(terminal, 'ptrace-shim dry-run -- eu', 'ptrace-shim dry-run -- eu-stack');
  await list(terminal, 'eu-stack --pid=');
  await terminal.waitFor(new RegExp(`${pid} .*target sleep \\(likely refused: scope 1\\)`));
});

describe.each(['bash', 'zsh', 'fish'] as const)('%s', (shell) => {
  let terminal: Terminal;
  beforeAll(async () => {
    await vm.read(['cp', TARGET, `${USERS.dev.home}/orders-server`]);
    terminal = await open(shell, PATH_WITH_SHIMS, afterAll);
  });
  afterEach(() => clear(terminal));

  test('completes commands, options and values', async () => {
    await list(terminal, 'ptrace-shim ');
    for (const command of ['install', 'doctor', 'why', 'run', 'with', 'config', 'completion']) {
      await terminal.waitFor(new RegExp(`(^|\\s)${command}(\\s|$)`, 'm'));
    }
    await clear(terminal);
    await complete(terminal, 'ptrace-shim set --perm', 'ptrace-shim set --permanent');
    await complete(terminal, 'ptrace-shim config set elevate pk', 'ptrace-shim config set elevate pkexec');
    await complete(terminal, 'ptrace-shim dry-run -- eu', 'ptrace-shim dry-run -- eu-stack');
  });

  test('completes gdb and strace through the shims as without them', async () => {
    const without = await open(shell, PATH);
    for (const [start, shown] of Object.entries(TOOL_LINES[shell])) {
      await list(without, start);
      await list(terminal, start);
      await without.waitFor(shown);
      await terminal.waitFor(shown);
      // Either may not be done yet; in the end they are the same.
      await expect.poll(() => differences(terminal, without)).toBe('');
      await clear(without);
      await clear(terminal);
    }
  });

  test('completes a command behind -- as if it stood alone', async () => {
    const { pid } = await startTarget(vm);
    await complete(terminal, 'ptrace-shim run -- eu-readel', 'ptrace-shim run -- eu-readelf');
    await complete(terminal, 'ptrace-shim run -- ./ord', 'ptrace-shim run -- ./orders-server');
    await complete(
      terminal,
      'ptrace-shim dry-run -- gdb ./ord',
      'ptrace-shim dry-run -- gdb ./orders-server',
    );
    await complete(terminal, 'ptrace-shim with 1 -- strace --vers', 'ptrace-shim with 1 -- strace --version');
    await list(terminal, 'ptrace-shim with 1 -- eu-stack -p ');
    await terminal.waitFor(new RegExp(`${pid} .*target sleep \\(likely refused`));
  });

  test('says beside each process id whether an attach is refused, and harms nobody', async () => {
    const { pid } = await startTarget(vm);
    const hostile = await startTarget(vm, 'hostile-name');
    for (const start of ['ptrace-shim why ', 'eu-stack --pid=']) {
      await list(terminal, start);
      await terminal.waitFor(new RegExp(`${pid} .*target sleep \\(likely refused: scope 1\\)`));
      await terminal.waitFor(new RegExp(`${hostile.pid} .*\\\\e\\[2J`));
      await clear(terminal);
    }
    await vm.setScope(0);
    await list(terminal, 'ptrace-shim why --tracer ');
    await terminal.waitFor(new RegExp(`${pid} .*target sleep`));
    expect(await terminal.screen()).not.toContain('likely');
    await clear(terminal);
    await list(terminal, `ptrace-shim with 1,${pid}`);
    await terminal.type(' -- X'); // zsh offers another comma, and takes it back
    await terminal.waitFor(new RegExp(`\\$ ptrace-shim with 1,${pid} +-- X`));
    await clear(terminal);
    await terminal.line('echo the shell lives');
    await terminal.waitFor(/^the shell lives$/m);
  });

  test('completes vgdb --pid= with what runs under valgrind, and nothing else', async () => {
    const other = await startTarget(vm);
    await list(terminal, 'vgdb --pid=');
    for (const pid of underValgrind) await terminal.waitFor(new RegExp(`${pid} .*valgrind`));
    expect(await terminal.screen()).not.toContain(String(other.pid));
  });
});

/** Beginnings of command lines, and a part of what each shell's own completion makes of them. */
const TOOL_LINES = {
  bash: {
    'gdb ./ord': './orders-server',
    'strace ./ord': './orders-server',
    'strace --summary-': '--summary-only',
  },
  zsh: { 'gdb ./ord': './orders-server', 'gdb -ba': '-batch', 'strace --summary-': '--summary-only' },
  fish: { 'gdb ./ord': './orders-server', 'gdb -ba': '-batch', 'strace --summary-': 'summary-only' },
} as const;

test.each([0, 1, 2] as const)(
  'a list at scope %i never contradicts what the kernel answers',
  async (scope) => {
    await startTarget(vm);
    await startTarget(vm, 'allow-any');
    await startTarget(vm, 'undumpable');
    await startTarget(vm, 'zombie');
    const { pid } = await startTarget(vm);
    const strace = await vm.start(['strace', '-o', '/dev/null', '-p', String(pid)], { user: 'root' });
    onTestFinished(() => strace.kill('SIGINT').catch(() => {}));
    await strace.waitFor('attached');
    const nested = await vm.start(['unshare', '-r', TARGET]);
    onTestFinished(() => nested.kill('SIGKILL').catch(() => {}));
    await nested.waitFor('ready');
    await vm.setScope(scope);

    const env = { PATH: PATH_WITH_SHIMS, COLUMNS: '200' };
    const lines = (await vm.read(['ptrace-shim', 'complete-pids'], { env })).split('\n');
    const states = lines.map(
      (line) => [line.split('\t')[0]!, / \(([^()]*(?:\(\d+\))?)\)$/.exec(line)?.[1] ?? ''] as const,
    );
    const answers = await vm.run(['ptrace-shim', 'why', '--json', ...states.map(([pid]) => pid)], { env });
    const verdicts = JSON.parse(answers.stdout) as NamedVerdict[];
    const found = states.map(([pid, state], index) => [
      pid,
      state,
      verdicts[index]!.cause ?? verdicts[index]!.outcome,
    ]);
    for (const [pid, state, answer] of found) {
      expect([pid, state, answer]).toEqual([
        pid,
        state,
        expect.stringMatching(MEANS[state!.replace(/ by .*/, '')]!),
      ]);
    }
    expect(new Set(found.map(([, state]) => state)).size).toBeGreaterThan(3);
  },
);

/** What the kernel may answer where the list says this; at scope 1 it cannot see who permits it. */
const MEANS: Readonly<Record<string, RegExp>> = {
  '': /^allowed$/,
  'likely refused: scope 1': /^(restricted|allowed)$/,
  'refused: scope 2': /^admin-only$/,
  'refused: not dumpable': /^not-dumpable$/,
  'refused: not yours': /^different-user$/,
  'has ended': /^zombie$/,
  traced: /^already-traced$/,
  'may be refused': /./,
};

async function startUnderValgrind(): Promise<number> {
  const running = await vm.start(['valgrind', '--quiet', TARGET]);
  await running.waitFor('ready');
  return running.pid;
}

/** Writes what compinit knows of each completion into dev's home. In the guest it would look for minutes. */
async function dumpCompletions(name: string, ...directories: string[]): Promise<void> {
  const file = `.zcompdump-${name}`;
  const folder = await mkdtemp(join(tmpdir(), 'ptrace-shim-zsh-'));
  try {
    const script = 'fpath=($2 $fpath); autoload -Uz compinit && compinit -u -d $1';
    await execa('zsh', ['-f', '-c', script, 'zsh', join(folder, file), ...directories]);
    await vm.writeFile(`${USERS.dev.home}/${file}`, await readFile(join(folder, file)), { user: 'dev' });
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Opens a terminal of somebody whose shell is set up like this; it is closed with the test. */
async function open(shell: Shell, path = PATH_WITH_SHIMS, whenOver = onTestFinished): Promise<Terminal> {
  const { program, rc } = SHELLS[shell];
  const kind = program[0];
  const [file, prompt] = RC[kind];
  await vm.read(`mkdir -p "$(dirname ${file})"`);
  await vm.writeFile(
    `${USERS.dev.home}/${file}`,
    ['echo setting up', prompt, ...rc, 'echo set up', ''].join('\n'),
    {
      user: 'dev',
    },
  );
  await vm.writeFile(`${USERS.dev.home}/.inputrc`, INPUTRC, { user: 'dev' });
  const env = { PATH: path, TERM: 'xterm-256color' };
  const terminal = await vm.terminal({
    shell: program.map((word, i) => (i ? word : `/usr/bin/${word}`)),
    env,
    rows: 60,
  });
  whenOver(() => terminal.close().catch(() => {}));
  await terminal.waitFor(/set up\n\$/);
  await clear(terminal);
  return terminal;
}

/** Types the beginning of a line and asks for what may follow. */
async function list(terminal: Terminal, start: string): Promise<void> {
  await terminal.type(start);
  await terminal.waitFor(`$ ${start.trimEnd()}`);
  await terminal.press('Tab');
}

async function differences(terminal: Terminal, other: Terminal): Promise<string> {
  const [one, two] = [await terminal.screen(), await other.screen()];
  return one === two ? '' : `${one}\n--- and ---\n${two}`;
}

/** Types the beginning of a word and has it completed to the end, so that the next one may follow. */
async function complete(terminal: Terminal, start: string, wanted: string): Promise<void> {
  await terminal.type(start);
  await terminal.waitFor(`$ ${start}`);
  await terminal.press('Tab');
  await terminal.type('X');
  await terminal.waitFor(`$ ${wanted} X`);
  await clear(terminal);
}

/** Gives the line up, and empties the screen. Not by Ctrl-C, with which a terminal throws away what is typed next. */
async function clear(terminal: Terminal): Promise<void> {
  await terminal.press('C-u');
  await terminal.line('clear');
  await terminal.waitFor(/^\$$/);
}
