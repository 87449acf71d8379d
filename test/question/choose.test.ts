import { expect, test } from 'vitest';
import type { Decision } from '../../src/decision.ts';
import { listOptions } from '../../src/question/choose.ts';
import { containerRoot } from '../../src/remedy/container-root.ts';
import { permit } from '../../src/remedy/permit.ts';
import { offerRelaunch as findTerms } from '../../src/remedy/relaunch.ts';
import type { Offer, Remedy } from '../../src/remedy/remedy.ts';
import type { RunningProgram } from '../../src/remedy/running-program.ts';
import { window } from '../../src/remedy/window.ts';
import { renderHeadline } from '../../src/say/headline.ts';
import { DEFAULTS } from '../../src/settings.ts';
import { TOOL_NAMES, type ToolName } from '../../src/tools/tool.ts';
import { tools } from '../../src/tools/tools.ts';

const DECISION: Decision = {
  scope: 1,
  intent: { kind: 'attach', targets: [4242], threads: 'all', attaching: 'once' },
  verdicts: [{ pid: 4242, outcome: 'refused', cause: 'restricted', evidence: [] }],
  targets: [{ pid: 4242, startTime: 5000, status: undefined, leader: { pid: 4242, startTime: 5000 } }],
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

/** What a remedy offers a tool, where it is stopped by nothing but what is said here: this machine has obstacles of its own. */
function offer(
  remedy: Remedy,
  tool: ToolName,
  {
    decision = DECISION,
    deadline = 30,
    reason,
  }: { decision?: Decision; deadline?: number; reason?: string } = {},
): Offer {
  const terms = remedy.offer({
    tool: tools[tool],
    decision,
    settings: { ...DEFAULTS, deadline },
    elevator: { name: 'sudo', path: '/usr/bin/sudo' },
  })!;
  return { id: remedy.id, ...terms, reason };
}

const offerRelaunch: (...asked: Parameters<typeof findTerms>) => Offer = (...asked) => ({
  id: 'relaunch',
  ...findTerms(...asked),
});

function list(offers: readonly Offer[]): string[] {
  return listOptions('gdb', offers, 120).map(
    ({ name, does, disabled }) => `${name}: ${disabled === undefined ? does : `(${disabled})`}`,
  );
}

test('offers every way, a program by its words with escapes shown', () => {
  const offers = [offer(permit, 'gdb'), offer(window, 'gdb'), offerRelaunch(tools.gdb, PROGRAM)];
  expect(list(offers)).toMatchInlineSnapshot(`
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
  const decision: Decision = { ...DECISION, container: { kind: 'container' } };
  const reason = 'a container cannot change the scope';
  const offers = [
    offer(permit, 'gdb', { decision, reason }),
    offer(window, 'gdb', { decision, reason }),
    offerRelaunch(tools.gdb, { reason: '4242 has ended' }),
    offer(containerRoot, 'gdb', { decision }),
  ];
  expect(list(offers)).toMatchInlineSnapshot(`
    [
      "Attach now: (a container cannot change the scope)",
      "Lower the scope: (a container cannot change the scope)",
      "Relaunch under gdb: (4242 has ended)",
      "Run gdb as root: sudo gdb with the same arguments: the root of this container may attach",
      "Explain: why this is so, and how to change it for good",
      "Run gdb anyway: it will report "Operation not permitted"",
    ]
  `);
});

test.each(TOOL_NAMES)('says what each way does beside it in 80 columns: %s', (tool) => {
  for (const attaching of ['once', 'until-exit'] as const) {
    const decision = { ...DECISION, intent: { ...DECISION.intent, attaching } as Decision['intent'] };
    const offers = [
      offer(permit, tool, { decision }),
      offer(window, tool, { decision, deadline: 120 }),
      offerRelaunch(tools[tool], { ...PROGRAM, pid: 4194304 }),
    ];
    const options = listOptions(tool, offers, 80);
    const ends = attaching === 'once' ? 'until attached' : '120 s at most';
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
