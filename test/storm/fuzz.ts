import { CHECKOUT, TARGET, type User, type Vm } from '../vm/harness/vm.ts';
import { identify } from '../vm/harness/window.ts';
import { mulberry32 } from './storm.ts';

export interface Fuzz {
  readonly lists: number;
  readonly seed: number;
  readonly report?: (line: string) => void;
}

/** What the guest tells; see guest/fuzz.mjs. */
interface Batch {
  lists: number;
  opened: number;
  traced: number;
  answers: Record<string, number>;
  /** What was done that must never be. */
  offences: string[];
}

/**
 * Calls the helper as root with argument lists drawn at random: bytes without sense, lists that are right in all but one
 * word, and some that are right. Throws when it wrote anything to the sysctl but 0, 1 at scope 2, and the value found, when
 * it touched another file, or when the scope is not what it was.
 */
export async function fuzz(
  vm: Vm,
  { lists, seed, report = () => {} }: Fuzz,
): Promise<Omit<Batch, 'offences'>> {
  const random = mulberry32(seed);
  const [own, other] = [await startTarget(vm, 'dev'), await startTarget(vm, 'guest')];
  const total = { lists: 0, opened: 0, traced: 0, answers: {} as Record<string, number> };
  while (total.lists < lists) {
    const drawn = Array.from({ length: Math.min(BATCH, lists - total.lists) }, (_, index) => {
      const list = drawList(random, own.id, other.id);
      const scope = random() < 0.7 ? 1 : 2;
      return { ...list, scope, traced: index % (list.right ? 4 : 40) === 0 };
    });
    const batch: Batch = JSON.parse(
      await vm.read(['/usr/bin/node', `${CHECKOUT}/test/storm/guest/fuzz.mjs`], {
        user: 'root',
        stdin: JSON.stringify(drawn),
      }),
    );
    if (batch.offences.length > 0) throw new Error(`seed ${seed}: ${batch.offences.join('\n')}`);
    total.lists += batch.lists;
    total.opened += batch.opened;
    total.traced += batch.traced;
    for (const [answer, times] of Object.entries(batch.answers)) {
      total.answers[answer] = (total.answers[answer] ?? 0) + times;
    }
    report(`${total.lists} lists, ${total.opened} windows opened, ${total.traced} traced`);
  }
  for (const { running } of [own, other]) await running.kill('SIGKILL');
  return total;
}

const BATCH = 250;

async function startTarget(vm: Vm, user: User) {
  const running = await vm.start([TARGET, 'sleep'], { user });
  await running.waitFor('ready');
  return { running, id: await identify(vm, running.pid) };
}

/** Is it `right`, the helper may do what it is there for. */
function drawList(random: () => number, own: string, other: string): { words: string[]; right: boolean } {
  const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)]!;
  const text = () => drawText(random);
  const launch = random() < 0.3;
  const right = [
    'seconds=1',
    `until=${launch ? 'child' : pick(['named', 'all', 'exit'])}`,
    `tracer=${own}`,
    `targets=${launch ? '-' : own}`,
  ];
  const kind = random();
  if (kind < 0.02) return { words: right, right: true };
  if (kind < 0.7) {
    const words = [...right];
    const place = Math.floor(random() * 4);
    const [key, value] = words[place]!.split('=') as [string, string];
    words[place] = pick([
      () => `${key}=${text()}`,
      () => `${key}=${value}${text()}`,
      () => `${key}=${text()}${value}`,
      () => `${key}=${pick(NASTY)}`,
      () => `${key}=${other}`,
      () => `${key}=${own.split(':')[0]}:${Math.floor(random() * 1e6)}`,
      () => value,
      () => pick(NASTY),
    ])();
    const byChance = isRightByChance(words, own);
    if (byChance && !/^seconds=[1-3]$/.test(words[0]!)) return drawList(random, own, other); // it would take minutes
    return { words, right: byChance };
  }
  return { words: Array.from({ length: Math.floor(random() * 7) }, text), right: false };
}

/** Another thing to wait for or another time may be as good as the one that was replaced. */
function isRightByChance([seconds, until, tracer, targets]: string[], own: string): boolean {
  return (
    [`targets=${own}`, 'targets=-'].includes(targets!) &&
    tracer === `tracer=${own}` &&
    /^until=(named|all|exit|child)$/.test(until!) &&
    /^seconds=[1-9]\d{0,2}$/.test(seconds!)
  );
}

const NASTY = [
  '',
  '-',
  '0',
  '1',
  '2',
  '3',
  '01',
  '301',
  '-1',
  '+1',
  '1e3',
  '0x1',
  '99999999999999999999',
  '1:1',
  '1:1,',
  ',1:1',
  ':',
  '1:',
  ':1',
  '1:1:1',
  '../../../../etc/passwd',
  '/etc/shadow',
  '$(touch /tmp/owned)',
  '`touch /tmp/owned`',
  ';touch /tmp/owned',
  "';touch /tmp/owned;'",
  '*',
  '?',
  '[0-9]*',
  '~',
  'a\nopen',
  'until=exit',
  '--',
  '-x',
  '-e',
  '%s%n',
  'x'.repeat(30_000),
  `${'1:1,'.repeat(6000)}1:1`,
];

function drawText(random: () => number): string {
  const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)]!;
  if (random() < 0.3) return pick(NASTY);
  const length = Math.floor(random() * 12);
  return Array.from({ length }, () =>
    random() < 0.6 ? pick([...'0123456789:,=-']) : String.fromCharCode(1 + Math.floor(random() * 254)),
  ).join('');
}
