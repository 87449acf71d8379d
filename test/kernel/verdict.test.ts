import { describe, expect, test } from 'vitest';
import type { Scope, Verdict } from '../../src/kernel/cause.ts';
import { examine, type Facts, glance, readViewer } from '../../src/kernel/facts.ts';
import { judgeLaunch, type LaunchFacts } from '../../src/kernel/launch.ts';
import { INITIAL_USER_NAMESPACE } from '../../src/kernel/namespace.ts';
import type { Ids, Status } from '../../src/kernel/proc-status.ts';
import { judge } from '../../src/kernel/verdict.ts';
import { procTree } from './fixtures.ts';

const ME = 424242; // no such account, so that the texts hold the bare number

function ids(real = ME, effective = real, saved = effective): Ids {
  return { real, effective, saved };
}

function status(changes: Partial<Status> = {}): Status {
  return {
    name: 'server',
    state: 'S',
    tgid: 4242,
    ppid: 1,
    tracerPid: 0,
    uid: ids(),
    gid: ids(),
    threads: 1,
    capPrm: 0n,
    capEff: 0n,
    capBnd: 0n,
    noNewPrivs: false,
    seccomp: 0,
    ...changes,
  };
}

const DENY = { denyPtrace: true, enforcing: true };

/** A plain process that the scope keeps from gdb, with what is different about it. */
function facts(changes: Partial<Facts> = {}): Facts {
  return {
    pid: 4242,
    presence: 'present',
    target: status(),
    kernelThread: false,
    tracer: { pid: 3991, name: 'gdb (3991)', status: status({ tgid: 3991 }) },
    self: status({ tgid: 3992 }),
    read: 'allowed',
    attach: 'refused',
    related: false,
    ownNamespace: INITIAL_USER_NAMESPACE,
    targetNamespace: INITIAL_USER_NAMESPACE,
    scope: 1,
    ...changes,
  };
}

/** What the kernel's READ check refuses: Yama has not been asked. */
function unreadable(target: Partial<Status>, changes: Partial<Facts> = {}): Facts {
  const refused = { read: 'refused', attach: undefined, memOwner: ME, targetNamespace: undefined } as const;
  return facts({ target: status(target), ...refused, ...changes });
}

describe('the scope', () => {
  test('is blamed with all that led there', () => {
    expect(judge(facts())).toMatchInlineSnapshot(`
      {
        "cause": "restricted",
        "evidence": [
          "reading /proc/4242/maps is permitted, so user, group and dumpable pass",
          "opening /proc/4242/mem is refused, so a security module refuses the attach",
          "4242 is not a descendant of gdb (3991)",
          "kernel.yama.ptrace_scope is 1 (restricted)",
        ],
        "outcome": "refused",
        "pid": 4242,
      }
    `);
  });

  test.each([
    [1, 'restricted'],
    [2, 'admin-only'],
    [3, 'no-attach'],
  ] as const)('%i refuses: %s', (scope, cause) => {
    expect(judge(facts({ scope }))).toMatchObject({ outcome: 'refused', cause });
  });

  test.each([0, undefined] as Scope[])('is not blamed when it is %s', (scope) => {
    const verdict = judge(facts({ scope }));
    expect(verdict).toMatchObject({ outcome: 'unknown' });
    expect(verdict.cause).toBeUndefined();
    expect(verdict.evidence.at(-1)).toMatch(/AppArmor or Landlock/);
  });
});

describe('kinship', () => {
  test('allows the attach at scope 1, where the probe of a mere child is refused', () => {
    const verdict = judge(facts({ related: true }));
    expect(verdict.outcome).toBe('allowed');
    expect(verdict.evidence).toContain('4242 is a descendant of gdb (3991)');
  });

  test.each([2, 3] as const)('counts for nothing at scope %i', (scope) => {
    expect(judge(facts({ related: true, scope })).outcome).toBe('refused');
  });

  test('counts for nothing with SELinux', () => {
    expect(judge(facts({ related: true, selinux: DENY })).cause).toBe('selinux');
  });

  test('does not let a process trace itself', () => {
    const verdict = judge(facts({ related: true, target: status({ tgid: 3991 }) }));
    expect(verdict.outcome).toBe('unknown');
    expect(verdict.evidence).toContain('4242 is gdb (3991) itself, and no process can trace itself');
  });
});

describe('an open of mem that is permitted', () => {
  test.each<[Partial<Facts>, RegExp]>([
    [{}, /permits it with PR_SET_PTRACER/],
    [{ targetNamespace: 'user:[4026532201]' }, /in a user namespace that you made/],
    [{ targetNamespace: 'user:[4026532201]', scope: 2 }, /in a user namespace that you made/],
    [{ scope: 0 }, /judges like an attach/],
  ])('allows, whatever the scope: %o', (changes, reason) => {
    const verdict = judge(facts({ attach: 'allowed', ...changes }));
    expect(verdict.outcome).toBe('allowed');
    expect(verdict.evidence.at(-1)).toMatch(reason);
  });

  test('is told apart for the holder of the capability', () => {
    const capEff = 1n << 19n;
    const self = status({ capEff });
    const tracer = { pid: 3991, name: 'gdb (3991)', status: status({ tgid: 3991, capEff }) };
    const verdict = judge(facts({ attach: 'allowed', scope: 2, self, tracer }));
    expect(verdict.outcome).toBe('allowed');
    expect(verdict.evidence.at(-1)).toMatch(/CAP_SYS_PTRACE/);
  });

  test('does not speak of a seccomp filter, which has to be told', () => {
    const self = status({ seccomp: 2 });
    expect(judge(facts({ attach: 'allowed', self })).evidence.at(-1)).toMatch(/seccomp/);
  });
});

describe('an existing tracer', () => {
  const traced = { target: status({ tracerPid: 77 }), existingTracer: 'strace (77)', read: undefined };

  test('is reported before Yama is blamed, which would refuse as well', () => {
    expect(judge(facts({ ...traced, attach: undefined }))).toMatchInlineSnapshot(`
      {
        "cause": "already-traced",
        "evidence": [
          "4242 is already traced by strace (77), and a process has one tracer at a time",
          "kernel.yama.ptrace_scope is 1 (restricted), but no remedy helps while strace (77) lives",
        ],
        "outcome": "refused",
        "pid": 4242,
        "tracer": 77,
      }
    `);
  });

  test('is reported at scope 0 too, without a word of remedies', () => {
    const verdict = judge(facts({ ...traced, attach: undefined, scope: 0 }));
    expect(verdict).toMatchObject({ cause: 'already-traced', tracer: 77 });
    expect(verdict.evidence).toHaveLength(1);
  });

  test('of another user is reported before the user', () => {
    const target = status({ tracerPid: 77, uid: ids(0) });
    expect(judge(unreadable({}, { ...traced, target, read: undefined })).cause).toBe('already-traced');
  });
});

describe('a READ check that fails', () => {
  test.each<[string, Facts, Partial<Verdict>, RegExp]>([
    ["another user's", unreadable({ uid: ids(7) }), { cause: 'different-user' }, /as user .*7/],
    ["another group's", unreadable({ gid: ids(7) }), { cause: 'different-user' }, /with group .*7/],
    [
      'a non-dumpable program of mine',
      unreadable({}, { memOwner: 0 }),
      { cause: 'not-dumpable' },
      /belongs to root/,
    ],
    [
      'a set-uid program that I started',
      unreadable({ uid: ids(ME, 0) }, { memOwner: 0 }),
      { cause: 'not-dumpable' },
      /set-uid program/,
    ],
    [
      'a set-gid program that has put its group aside',
      unreadable({ gid: ids(ME, ME, 42) }, { memOwner: 0 }),
      { cause: 'not-dumpable' },
      /set-gid program/,
    ],
    [
      'a set-uid program that made itself dumpable',
      unreadable({ uid: ids(ME, 7) }, { memOwner: 7 }),
      { cause: 'different-user' },
      /set-uid program/,
    ],
    [
      'a program with file capabilities',
      unreadable({ capPrm: 1n << 13n }, { memOwner: 0 }),
      { cause: 'not-dumpable' },
      /capabilities that you do not hold/,
    ],
    [
      'a service with ambient capabilities',
      unreadable({ capPrm: 1n << 13n }),
      { cause: 'different-user' },
      /capabilities that you do not hold/,
    ],
    [
      'a process of the host, seen from a container',
      unreadable({}, { ownNamespace: 'user:[4026532201]' }),
      { cause: 'different-user' },
      /may be outside/,
    ],
    ['what no rule explains', unreadable({}), { outcome: 'unknown' }, /another security module/],
  ])('is not blamed on the scope: %s', (_, given, expected, reason) => {
    const verdict = judge(given);
    expect(verdict).toMatchObject({ outcome: 'refused', ...expected });
    expect(verdict.evidence.join('\n')).toMatch(reason);
    expect(verdict.evidence.join('\n')).not.toContain('ptrace_scope');
  });

  test('is no evidence about root, who owns what is dumpable as well', () => {
    const root = { uid: ids(0), gid: ids(0) };
    const given = unreadable(root, { self: status(root), tracer: { pid: 1, name: 'gdb' }, memOwner: 0 });
    expect(judge(given).outcome).toBe('unknown');
  });
});

test('blames SELinux before the scope, as lowering that would not help', () => {
  expect(judge(facts({ selinux: DENY })).cause).toBe('selinux');
  expect(judge(facts({ selinux: DENY, scope: 0 })).cause).toBe('selinux');
});

test("blames SELinux's policy before the scope where the kernel says that it refuses", () => {
  const given = { attach: 'refused', scope: 1 } as const;
  expect(judge(facts({ ...given, policy: 'refused' })).cause).toBe('selinux-policy');
  expect(judge(facts({ ...given, policy: 'allowed' })).cause).toBe('restricted');
  expect(judge(facts(given)).cause).toBe('restricted');
});

test.each<[string, Partial<Facts>]>(
  [
    ['a user', { uid: ids(7) }],
    ['a group', { gid: ids(7) }],
    ['capabilities', { capEff: 1n }],
  ].map(([what, changes]) => [
    what as string,
    { tracer: { pid: 5, name: 'x (5)', status: status(changes as Partial<Status>) } },
  ]),
)('does not speak for a tracer that has %s other than ours', (_, changes) => {
  expect(judge(facts(changes)).outcome).toBe('unknown');
});

test('does not speak for a tracer in another user namespace', () => {
  const tracer = { pid: 5, name: 'x (5)', status: status({ tgid: 5 }), namespace: 'user:[4026532201]' };
  expect(judge(facts({ tracer })).outcome).toBe('unknown');
});

test('knows nothing without /proc', () => {
  expect(judge(facts({ self: undefined })).outcome).toBe('unknown');
});

test('tells that a thread is one', () => {
  expect(judge(facts({ pid: 4243 })).evidence[0]).toBe('4243 is a thread of 4242');
});

describe('examine, then judge', () => {
  const roots = { proc: procTree('kinds'), sys: '/nonexistent' };
  const verdict = (pid: number, tracer = 999) => judge(examine(pid, readViewer(tracer, roots), roots));

  test.each([
    [2, 'kernel-thread'],
    [700, 'zombie'],
    [701, 'zombie'],
    [703, 'already-traced'],
    [4_194_305, 'no-such-process'],
    [0, 'no-such-process'],
    [process.pid, 'hidden'],
  ] as const)('%i: %s', (pid, cause) => {
    expect(verdict(pid)).toMatchObject({ pid, outcome: 'refused', cause });
  });

  test('702: allowed', () => {
    expect(verdict(702)).toMatchObject({ outcome: 'allowed' });
  });

  test('704, which has no memory yet: unknown', () => {
    expect(verdict(704)).toMatchObject({ outcome: 'unknown' });
  });

  test('names the other tracer', () => {
    expect(verdict(703)).toMatchObject({ tracer: 702 });
    expect(verdict(703).evidence[0]).toContain('plain (702)');
  });

  test('tells a main thread that ended from a whole process that did', () => {
    expect(verdict(701).evidence[0]).toMatch(/main thread of 701 has ended/);
    expect(verdict(700).evidence[0]).toMatch(/waits for its parent, 1/);
  });

  test('does not probe where kinship decides, as a refused probe is logged', () => {
    expect(examine(702, readViewer(1, roots), roots).attach).toBe('allowed');
    expect(examine(702, readViewer(702, roots), roots).attach).toBeUndefined();
  });
});

describe('a list, which must not probe an attach', () => {
  const unasked = (changes: Partial<Facts>) => {
    const { outcome, cause } = judge(facts({ attach: 'unasked', ...changes }));
    return cause ?? outcome;
  };

  test.each([
    [0, 'allowed'],
    [undefined, 'allowed'],
    [1, 'restricted'],
    [2, 'admin-only'],
    [3, 'no-attach'],
  ] as const)('expects of a plain process at scope %s: %s', (scope, expected) => {
    expect(unasked({ scope })).toBe(expected);
  });

  test('expects everything below scope 3 of whoever holds CAP_SYS_PTRACE', () => {
    const root = status({ tgid: 3992, capEff: 1n << 19n });
    const tracer = { pid: 3991, name: 'gdb (3991)' };
    const answers = ([1, 2, 3] as const).map((scope) => unasked({ scope, self: root, tracer }));
    expect(answers).toEqual(['allowed', 'allowed', 'no-attach']);
  });

  test('expects everything below scope 3 in a user namespace that we made', () => {
    const targetNamespace = 'user:[4026532201]';
    const answers = ([1, 2, 3] as const).map((scope) => unasked({ scope, targetNamespace }));
    expect(answers).toEqual(['allowed', 'allowed', 'no-attach']);
  });

  test('expects a refusal by deny_ptrace, whatever the scope', () => {
    expect([0, 1, 2].map((scope) => unasked({ selinux: DENY, scope: scope as Scope }))).toEqual([
      'selinux',
      'selinux',
      'selinux',
    ]);
  });

  test('makes every other probe', () => {
    const roots = { proc: procTree('kinds'), sys: '/nonexistent' };
    const viewer = readViewer(999, roots);
    const known = (pid: number) => {
      const { outcome, cause } = judge(glance(pid, viewer, roots));
      return cause ?? outcome;
    };
    expect(glance(702, viewer, roots).attach).toBe('unasked');
    expect([2, 700, 703, 704, 9].map(known)).toEqual([
      'kernel-thread',
      'zombie',
      'already-traced',
      'unknown',
      'no-such-process',
    ]);
  });
});

describe('judgeLaunch', () => {
  const launch = (changes: Partial<LaunchFacts>) =>
    judgeLaunch({
      tracer: 3991,
      name: 'gdb (3991)',
      capable: false,
      denyPtrace: false,
      scope: 1,
      ...changes,
    });

  test.each<[Partial<LaunchFacts>, Partial<Verdict>]>([
    [{ scope: undefined }, { outcome: 'allowed' }],
    [{ scope: 0 }, { outcome: 'allowed' }],
    [{ scope: 1 }, { outcome: 'allowed' }],
    [{ scope: 2 }, { outcome: 'refused', cause: 'admin-only' }],
    [{ scope: 2, capable: true }, { outcome: 'allowed' }],
    [{ scope: 3 }, { outcome: 'refused', cause: 'no-attach' }],
    [
      { scope: 3, capable: true },
      { outcome: 'refused', cause: 'no-attach' },
    ],
    [
      { scope: 0, denyPtrace: true },
      { outcome: 'refused', cause: 'selinux' },
    ],
  ])('%o: %o', (changes, expected) => {
    expect(launch(changes)).toMatchObject({ pid: 3991, ...expected });
  });

  test('gives its reasons', () => {
    expect(launch({ scope: 2 }).evidence).toMatchInlineSnapshot(`
      [
        "gdb (3991) does not hold the capability CAP_SYS_PTRACE",
        "kernel.yama.ptrace_scope is 2 (admin-only), which refuses launching under a tracer as well",
      ]
    `);
  });
});
