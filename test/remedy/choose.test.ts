import { expect, test } from 'vitest';
import type { Decision } from '../../src/decision.ts';
import { listOptions } from '../../src/remedy/choose.ts';
import { renderHeadline } from '../../src/remedy/headline.ts';
import type { RunningProgram } from '../../src/remedy/program.ts';
import type { Remedies } from '../../src/remedy/remedies.ts';
import { TOOL_NAMES } from '../../src/tools/tool.ts';

const DECISION: Decision = {
  scope: 1,
  intent: { kind: 'attach', targets: [4242], threads: 'all', attaching: 'once' },
  verdicts: [{ pid: 4242, outcome: 'refused', cause: 'restricted', evidence: [] }],
  started: new Map([[4242, 5000]]),
  would: 'ask',
};

const PROGRAM: RunningProgram = {
  pid: 4242,
  startTime: 5000,
  file: '/srv/orders-server',
  args: ['--name', Buffer.from('\u001b[2J\u202e').toString('latin1')],
  cwd: '/',
  environment: new Map(),
  umask: undefined,
  limits: {},
  remarks: [],
};

function list(remedies: Remedies, decision = DECISION): string[] {
  return listOptions('gdb', decision, remedies, 30, 120).map(
    ({ name, does, disabled }) => `${name}: ${disabled === undefined ? does : `(${disabled})`}`,
  );
}

test('offers every way, a program by its words with escapes shown', () => {
  const remedies: Remedies = {
    list: [
      { id: 'window', available: true },
      { id: 'relaunch', available: true },
    ],
    program: PROGRAM,
  };
  expect(list(remedies)).toMatchInlineSnapshot(`
    [
      "Attach now: this gdb alone (admin password); scope stays 1",
      "Lower the scope: whole machine (admin password), until attached",
      "Relaunch under gdb: stop 4242, then start /srv/orders-server --name \\e[2J\\u{202e} again",
      "Explain: why this is so, and how to change it for good",
      "Show what runs as root: the whole program",
      "Run gdb anyway: it will report "Operation not permitted"",
    ]
  `);
});

test('shows a way that cannot work with its reason, and a container that has no kind as one', () => {
  const remedies: Remedies = {
    list: [
      { id: 'window', available: false, reason: 'a container cannot change the scope' },
      { id: 'relaunch', available: false, reason: '4242 has ended' },
      { id: 'container-root', available: true, through: ['/usr/bin/sudo'] },
    ],
  };
  expect(list(remedies, { ...DECISION, container: { kind: 'container' } })).toMatchInlineSnapshot(`
    [
      "Attach now: this gdb alone (admin password); scope stays 1",
      "Lower the scope: (a container cannot change the scope)",
      "Relaunch under gdb: (4242 has ended)",
      "Run gdb as root: sudo gdb with the same arguments: the root of this container may attach",
      "Explain: why this is so, and how to change it for good",
      "Run gdb anyway: it will report "Operation not permitted"",
    ]
  `);
});

test.each(TOOL_NAMES)('says what each way does beside it in 80 columns: %s', (tool) => {
  const available = (['permit', 'window', 'relaunch'] as const).map((id) => ({ id, available: true }));
  const remedies = { list: available, program: { ...PROGRAM, pid: 4194304 } };
  for (const attaching of ['once', 'until-exit'] as const) {
    const decision = { ...DECISION, intent: { ...DECISION.intent, attaching } as Decision['intent'] };
    const options = listOptions(tool, decision, remedies, 120, 80);
    const ends = attaching === 'once' ? 'until attached' : 'for 120 s at most';
    expect(options[1]!.does).toBe(`whole machine (admin password), ${ends}`);
    const longest = (part: 'name' | 'does') => Math.max(...options.map((option) => option[part].length));
    expect(longest('name') + longest('does') + 6).toBeLessThanOrEqual(80);
  }
});

test('says in one line what is refused', () => {
  expect(renderHeadline('gdb', DECISION)).toBe(
    "gdb can't attach to 4242: kernel.yama.ptrace_scope is 1 (restricted)",
  );
  const outside = {
    pid: 4242,
    outcome: 'refused',
    cause: 'different-user',
    outside: true,
    evidence: [],
  } as const;
  const decision: Decision = { ...DECISION, verdicts: [outside], container: { kind: 'container' } };
  expect(renderHeadline('gdb', decision)).toBe(
    "gdb can't attach to 4242: it is a process of the host, out of reach of this container",
  );
});
