import { renderGroup, renderUser } from './account.ts';
import type { Cause, Ruling, Subject, Verdict } from './cause.ts';
import { type Facts, isAllowedByKinship, isDead } from './facts.ts';
import { INITIAL_USER_NAMESPACE } from './namespace.ts';
import { hasPtraceCapability } from './proc-status.ts';
import { SCOPE_NAMES, sayScope } from './scope.ts';
import { deniesPtrace } from './selinux.ts';

/**
 * What the kernel would answer to the attach, from the certain to the likely: the first rule that decides is the answer.
 * A rule that does not decide may leave evidence behind.
 */
export function judge(facts: Facts): Verdict {
  const evidence: string[] = [];
  for (const rule of RULES) {
    const decision = rule(facts, (sentence) => evidence.push(sentence));
    if (decision !== undefined) return { pid: facts.pid, ...decision, evidence };
  }
  return { pid: facts.pid, outcome: 'unknown', evidence };
}

type Decision = Ruling & Pick<Subject, 'tracer' | 'outside'>;
type Say = (sentence: string) => void;
type Rule = (facts: Facts, say: Say) => Decision | undefined;

const RULES: readonly Rule[] = [
  judgePresence,
  judgeKind,
  judgeExistingTracer,
  judgeTracer,
  judgeRead,
  judgeAttach,
  judgeSelinux,
  judgeScope,
];

const ALLOWED: Decision = { outcome: 'allowed' };
const UNKNOWN: Decision = { outcome: 'unknown' };

function refused(cause: Cause): Decision {
  return { outcome: 'refused', cause };
}

function judgePresence({ pid, presence, self }: Facts, say: Say): Decision | undefined {
  if (self === undefined) {
    say('/proc is missing or belongs to another pid namespace');
    return UNKNOWN;
  }
  if (presence === 'missing') {
    say(`no process or thread has the id ${pid}`);
    return refused('no-such-process');
  }
  if (presence === 'hidden') {
    say(`${pid} exists, but /proc/${pid} is hidden from you, as by the mount option hidepid or by SELinux`);
    say('what is hidden may not be read either, and the kernel asks for that before the scope');
    return refused('hidden');
  }
}

function judgeKind({ pid, target, kernelThread }: Facts, say: Say): Decision | undefined {
  if (kernelThread) {
    say(`${pid} is a kernel thread, which nobody can trace`);
    return refused('kernel-thread');
  }
  if (target && isDead(target)) {
    say(
      target.threads > 1
        ? `the main thread of ${pid} has ended, while other threads of it go on`
        : `${pid} has ended and waits for its parent, ${target.ppid}, to take notice`,
    );
    return refused('zombie');
  }
  if (target && target.tgid !== pid) say(`${pid} is a thread of ${target.tgid}`);
}

function judgeExistingTracer({ pid, target, existingTracer, scope }: Facts, say: Say): Decision | undefined {
  if (!target || existingTracer === undefined) return undefined;
  say(`${pid} is already traced by ${existingTracer}, and a process has one tracer at a time`);
  if (scope) say(`${sayScope(scope)}, but no remedy helps while ${existingTracer} lives`);
  return { ...refused('already-traced'), tracer: target.tracerPid };
}

/** The probes speak for the tracer only when it has our credentials. */
function judgeTracer({ pid, target, tracer, self, ...facts }: Facts, say: Say): Decision | undefined {
  if (target?.tgid === tracer.pid) {
    say(`${pid} is ${tracer.name} itself, and no process can trace itself`);
    return UNKNOWN;
  }
  const { status, namespace } = tracer;
  if (!status || !self) return undefined;
  const same =
    status.uid.real === self.uid.real &&
    status.gid.real === self.gid.real &&
    status.capEff === self.capEff &&
    (namespace ?? facts.ownNamespace) === facts.ownNamespace;
  if (same) return undefined;
  say(
    `${tracer.name} has another user, group, capabilities or user namespace than you: it may get another answer`,
  );
  return UNKNOWN;
}

/** ptrace_may_access without the security modules: credentials, then dumpable, then capabilities (kernel/ptrace.c). */
function judgeRead(facts: Facts, say: Say): Decision | undefined {
  const { pid, target, self, read } = facts;
  if (read === 'allowed') {
    say(`reading /proc/${pid}/maps is permitted, so user, group and dumpable pass`);
    return undefined;
  }
  if (read !== 'refused' || !target || !self) {
    say(`${pid} has no memory now: it is just starting or ending`);
    return UNKNOWN;
  }
  say(`reading /proc/${pid}/maps is refused, which the kernel decides before it asks for the scope`);
  if (target.uid.real !== self.uid.real) {
    say(`${pid} runs as user ${renderUser(target.uid.real)}, not as ${renderUser(self.uid.real)}`);
    return refused('different-user');
  }
  if (target.gid.real !== self.gid.real) {
    say(`${pid} runs with group ${renderGroup(target.gid.real)}, not with ${renderGroup(self.gid.real)}`);
    return refused('different-user');
  }
  return judgeOwnButUnreadable(facts, say);
}

/** Started by us, and yet not ours: set-uid, file capabilities, PR_SET_DUMPABLE, a sandbox. */
function judgeOwnButUnreadable(facts: Facts, say: Say): Decision {
  const { pid, memOwner, ownNamespace } = facts;
  const target = facts.target!;
  const self = facts.self!;
  const { uid, gid } = target;
  if (uid.effective !== uid.real || uid.saved !== uid.real) {
    say(`${pid} is a set-uid program and can act as user ${renderUser(foreign(uid))}`);
  }
  if (gid.effective !== gid.real || gid.saved !== gid.real) {
    say(`${pid} is a set-gid program and can act with group ${renderGroup(foreign(gid))}`);
  }
  const more = (target.capPrm & ~self.capPrm) !== 0n;
  if (more) say(`${pid} holds capabilities that you do not hold`);
  if (memOwner === 0 && self.uid.real !== 0) {
    say(`/proc/${pid}/mem belongs to root: the program is not dumpable`);
    return refused('not-dumpable');
  }
  if (foreign(uid) !== uid.real || foreign(gid) !== gid.real || more) return refused('different-user');
  if (ownNamespace !== undefined && ownNamespace !== INITIAL_USER_NAMESPACE) {
    say(`you are in a user namespace of your own, and ${pid} may be outside of it`);
    return { ...refused('different-user'), outside: true };
  }
  say('user, group and capabilities are yours: a user namespace or another security module may refuse it');
  return UNKNOWN;
}

function foreign({ real, effective, saved }: { real: number; effective: number; saved: number }): number {
  return effective !== real ? effective : saved;
}

function judgeAttach(facts: Facts, say: Say): Decision | undefined {
  const { pid, attach, tracer, self } = facts;
  if (isAllowedByKinship(facts)) {
    say(`${pid} is a descendant of ${tracer.name}`);
    return ALLOWED;
  }
  if (attach === 'unasked') return isAllowedUnasked(facts) ? ALLOWED : undefined;
  if (attach === 'allowed') {
    say(`opening /proc/${pid}/mem is permitted, which the kernel judges like an attach`);
    sayWhyAllowed(facts, say);
    if (self?.seccomp === 2) say('a seccomp filter is active here, and may refuse the ptrace call itself');
    return ALLOWED;
  }
  if (attach !== 'refused') {
    say(`${pid} has no memory now: it is just ending`);
    return UNKNOWN;
  }
  say(`opening /proc/${pid}/mem is refused, so a security module refuses the attach`);
  if (facts.scope === 1) say(`${pid} is not a descendant of ${tracer.name}`);
}

/** Our own capability, or the one over a user namespace that we made, lets us in below scope 3. */
function isAllowedUnasked({ scope, self, selinux, ownNamespace, targetNamespace }: Facts): boolean {
  if (deniesPtrace(selinux)) return false;
  if (!scope) return true;
  return scope !== 3 && self !== undefined && (hasPtraceCapability(self) || targetNamespace !== ownNamespace);
}

function sayWhyAllowed({ pid, scope, self, ownNamespace, targetNamespace }: Facts, say: Say): void {
  if (!scope) return;
  if (self && hasPtraceCapability(self)) say('you hold the capability CAP_SYS_PTRACE');
  else if (targetNamespace !== ownNamespace) say(`${pid} is in a user namespace that you made`);
  else if (scope === 1) say(`${pid} permits it with PR_SET_PTRACER`);
}

function judgeSelinux({ selinux, policy, pid }: Facts, say: Say): Decision | undefined {
  if (deniesPtrace(selinux)) {
    say('the SELinux boolean deny_ptrace is on');
    return refused('selinux');
  }
  if (policy === 'refused') {
    say(`the SELinux policy does not let your role and domain trace ${pid}`);
    return refused('selinux-policy');
  }
}

function judgeScope({ scope }: Facts, say: Say): Decision {
  if (scope) {
    say(sayScope(scope));
    return refused(SCOPE_NAMES[scope]);
  }
  say(scope === undefined ? 'there is no Yama here' : sayScope(scope));
  say('another security module may refuse it, such as AppArmor or Landlock');
  return UNKNOWN;
}
