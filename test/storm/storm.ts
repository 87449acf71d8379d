import { CHECKOUT, type Scope, type Vm, WITHOUT_SYSTEMD } from '../vm/harness/vm.ts';

export interface Storm {
  readonly windows: number;
  /** The same seed draws the same waves; when in a window's life a kill strikes is still the machine's to decide. */
  readonly seed: number;
  /** Can the helper have systemd's timer? True when not given. */
  readonly systemd?: boolean;
  /** Told after each wave. */
  readonly report?: (line: string) => void;
}

export interface Outcome {
  /** Windows by the part of them that was killed. */
  readonly hits: ReadonlyMap<string, number>;
  readonly windows: number;
  readonly waves: number;
  /** Those that lowered the scope, and those whose tool got through for all that was done to it. */
  readonly opened: number;
  readonly attached: number;
}

/** What the guest tells about a wave; see guest/storm.mjs. */
interface Wave {
  settled: boolean;
  scope: number;
  left: boolean;
  recorded: number;
  windows: { hit: string; opened: boolean; attached: boolean }[];
}

/**
 * Opens windows, several at a time, and kills -9 one part of each at a random moment. Throws as soon as the scope is not
 * what it was. Nobody types a password hundreds of times: polkit is told to let `dev` pass, and the question is answered
 * beforehand; the rest is as ever.
 */
export async function storm(
  vm: Vm,
  { windows, seed, systemd = true, report = () => {} }: Storm,
): Promise<Outcome> {
  const undo = await letPass(vm);
  await vm.saveSettings({ deadline: 5 });
  const random = mulberry32(seed);
  const hits = new Map<string, number>();
  const total = { waves: 0, windows: 0, opened: 0, attached: 0 };
  try {
    while (total.windows < windows) {
      const plan = drawWave(random, windows - total.windows);
      await vm.setScope(plan.scope);
      const wave = await runWave(vm, plan, systemd);
      total.waves++;
      for (const { hit, opened, attached } of wave.windows) {
        hits.set(hit, (hits.get(hit) ?? 0) + 1);
        total.windows++;
        total.opened += Number(opened);
        total.attached += Number(attached);
      }
      report(
        `wave ${total.waves}, ${total.windows} windows: killed ${wave.windows.map(({ hit }) => hit).join(', ')}`,
      );
      if (!wave.settled || wave.scope !== plan.scope || wave.left) {
        throw new Error(`the scope was ${plan.scope}: ${JSON.stringify({ plan, wave, seed })}`);
      }
      if (wave.recorded < wave.windows.filter(({ opened }) => opened).length) {
        throw new Error(`a window left no record: ${JSON.stringify({ plan, wave, seed })}`);
      }
    }
  } finally {
    await undo();
    await vm.emptyHome();
    await vm.setScope(1);
  }
  return { hits, ...total };
}

/** Has polkit take `dev` for an administrator who has given the right password. Returns what undoes it. */
export async function letPass(vm: Vm): Promise<() => Promise<void>> {
  await vm.writeFile(
    RULE,
    "polkit.addRule(function (action, subject) { if (subject.user === 'dev') return 'yes'; });\n",
  );
  await waitForPolkit(vm, true);
  return async () => {
    await vm.run(['rm', '-f', RULE], { user: 'root' });
    await waitForPolkit(vm, false);
  };
}

/** It watches the folder of its rules, in its own time. */
async function waitForPolkit(vm: Vm, passes: boolean): Promise<void> {
  for (let tries = 0; ((await vm.run('pkexec true')).status === 0) !== passes; tries++) {
    if (tries > 100) throw new Error('polkit does not heed its rules');
  }
}

const RULE = '/etc/polkit-1/rules.d/10-pass.rules';

interface Plan {
  readonly scope: Scope;
  readonly windows: readonly {
    readonly command: string;
    /** Milliseconds after the start, or after the scope was lowered; negative for a window that is left alone. */
    readonly from: 'start' | 'open';
    readonly after: number;
    readonly luck: number;
  }[];
}

const ATTACHES = [
  'strace -o /dev/null -p TARGET',
  'strace -f -o /dev/null -p TARGET',
  'gdb -nx -q -batch -p TARGET -ex "shell sleep 1"',
  `gdb -nx -q -batch ${CHECKOUT}/test/fixtures/built/target TARGET -ex bt`,
];
const LAUNCH = `strace -o /dev/null ${CHECKOUT}/test/fixtures/built/target sleep`;

function drawWave(random: () => number, most: number): Plan {
  const scope = random() < 0.7 ? 1 : 2;
  const commands = scope === 2 ? [...ATTACHES, LAUNCH] : ATTACHES;
  const count = Math.min(most, 2 + Math.floor(random() * 3));
  const windows = Array.from({ length: count }, (_, index) => {
    // One of them is sure to open.
    const from = index > 0 && random() < 0.6 ? 'start' : 'open';
    const after = random() < 0.1 ? -1 : Math.floor(random() * (from === 'start' ? 6000 : 800));
    return {
      command: commands[Math.floor(random() * commands.length)]!,
      from,
      after,
      luck: random(),
    } as const;
  });
  return { scope, windows };
}

async function runWave(vm: Vm, plan: Plan, systemd: boolean): Promise<Wave> {
  const words = [
    ...(systemd ? [] : WITHOUT_SYSTEMD),
    '/usr/bin/node',
    `${CHECKOUT}/test/storm/guest/storm.mjs`,
    JSON.stringify(plan),
  ];
  return JSON.parse(await vm.asRoot(words));
}

/** A small generator that a seed repeats. */
export function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
