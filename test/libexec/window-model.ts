/**
 * libexec/ptrace-scope-window as a small machine: what two windows, their guardians and timers, and one administrator can
 * do to the scope, one step at a time. window-model.test.ts walks through every order of the steps, and holds `raise`
 * against the real one.
 */

export type Value = 0 | 1 | 2;

/** /run/ptrace-shim/state; `ours` are the values that its window has written, or was about to. */
export type State =
  | 'gone'
  | 'empty'
  | 'nonsense'
  | { readonly id: string; readonly found: Value; readonly ours: string };

export interface World {
  readonly scope: Value;
  readonly state: State;
  readonly lock: string | undefined;
  readonly windows: readonly Window[];
  /** What the administrator will do; undefined when done. */
  readonly admin: Admin | undefined;
}

export type Admin = { readonly write: Value } | 'removes the state';

export interface Window {
  readonly id: string;
  readonly want: 0 | 1;
  /** gdb at rest: the scope goes from 0 to 1 before it is raised. */
  readonly rests: boolean;
  /** What it remembers. */
  readonly found: Value;
  readonly ours: string;
  readonly keeper: Step;
  readonly guardian: Step;
  /** Is there one, where systemd runs? */
  readonly timer: Step;
  /** How many of the two may yet be killed. */
  readonly kills: number;
}

/** What a process does next. */
export type Step =
  | 'lock'
  | 'leftover'
  | 'remember'
  | 'lower'
  | 'add'
  | 'restrict'
  | 'raise'
  | 'write'
  | 'empty'
  | 'unlock'
  | 'watch'
  | 'ended'
  | 'killed'
  | 'absent';

/** What `raise` decides before it writes: the value, or that there is nothing to do. */
export function decide(
  { state, scope }: Pick<World, 'state' | 'scope'>,
  id: string,
  memory: { found: Value; ours: string },
): { settled: true } | { settled: false; write: Value | undefined } {
  if (state === 'empty') return { settled: true };
  if (typeof state === 'object' && state.id !== id) return { settled: true };
  const { found, ours } = typeof state === 'object' ? state : memory;
  return { settled: false, write: ours.includes(String(scope)) ? found : undefined };
}

/** All worlds that one step leads to. */
export function steps(world: World): World[] {
  const next: World[] = world.windows.flatMap((window, index) =>
    move(world, window).map((change) => ({
      ...world,
      ...change.world,
      windows: world.windows.with(index, { ...window, ...change.window }),
    })),
  );
  if (world.admin === 'removes the state') next.push({ ...world, state: 'gone', admin: undefined });
  else if (world.admin) next.push({ ...world, scope: world.admin.write, admin: undefined });
  return next;
}

interface Change {
  readonly world?: Partial<World>;
  readonly window: Partial<Window>;
}

const isDead = (step: Step) => step === 'ended' || step === 'killed';

function move(world: World, window: Window): Change[] {
  const { keeper, guardian, timer, kills, id } = window;
  const changes = [...moveKeeper(world, window)];
  // The guardian waits for the keeper's death. It may also take it for held up, and kill it.
  if (guardian === 'watch' && keeper === 'killed') changes.push({ window: { guardian: 'raise' } });
  if (guardian === 'watch' && keeper === 'ended') changes.push({ window: { guardian: 'ended' } });
  changes.push(...raising(world, window, 'guardian'));
  // The timer comes when it comes, if its window has not stopped it; and again, until it gets the lock.
  if (timer === 'watch' && isDead(keeper) && isDead(guardian)) {
    if (keeper === 'ended') changes.push({ window: { timer: 'ended' } });
    else if (world.lock === undefined) {
      changes.push({ world: { lock: id }, window: { timer: 'raise' } });
    }
  }
  changes.push(...raising(world, window, 'timer'));
  if (kills > 0) {
    const release = (other: Step) =>
      world.lock === id && (isDead(other) || other === 'absent') ? { lock: undefined } : {};
    if (!isDead(keeper)) {
      changes.push({ world: release(guardian), window: { keeper: 'killed', kills: kills - 1 } });
    }
    if (!isDead(guardian) && guardian !== 'absent') {
      changes.push({ world: release(keeper), window: { guardian: 'killed', kills: kills - 1 } });
    }
  }
  return changes;
}

function moveKeeper(world: World, window: Window): Change[] {
  const { keeper, id, want, rests } = window;
  const { scope, state } = world;
  switch (keeper) {
    case 'lock':
      return world.lock === undefined ? [{ world: { lock: id }, window: { keeper: 'leftover' } }] : [];
    case 'leftover': {
      const nothing = state === 'gone' || state === 'empty';
      if (nothing) return [{ window: { keeper: 'remember' } }];
      if (state === 'nonsense') return [{ world: { lock: undefined }, window: { keeper: 'ended' } }];
      const decision = decide(world, state.id, state);
      const write = decision.settled ? undefined : decision.write;
      return [{ world: { scope: write ?? scope, state: 'empty' }, window: { keeper: 'remember' } }];
    }
    case 'remember': {
      if (scope <= want) return [{ world: { lock: undefined }, window: { keeper: 'ended' } }];
      const ours = scope === 2 && want === 0 ? '01' : String(want);
      return [
        {
          world: { state: { id, found: scope, ours: String(want) } },
          window: { keeper: 'lower', guardian: 'watch', found: scope, ours },
        },
      ];
    }
    case 'lower':
      return [{ world: { scope: want }, window: { keeper: rests && window.found === 2 ? 'add' : 'raise' } }];
    case 'add': {
      const added = typeof state === 'object' ? { ...state, ours: `${state.ours}1` } : state;
      return [
        { world: { state: added }, window: { keeper: 'restrict' } },
        { window: { keeper: 'raise' } }, // nothing could be written, or somebody else has decided
      ];
    }
    case 'restrict':
      return [{ world: { scope: 1 }, window: { keeper: 'raise' } }];
    default:
      return raising(world, window, 'keeper');
  }
}

/** `raise`, in four steps: what is decided in the first may no longer be so in the second. */
function raising(world: World, window: Window, who: 'keeper' | 'guardian' | 'timer'): Change[] {
  const over: Partial<World> = world.lock === window.id ? { lock: undefined } : {};
  switch (window[who]) {
    case 'raise': {
      const decision = decide(world, window.id, window);
      if (decision.settled) return [{ window: { [who]: 'unlock' } }];
      if (decision.write === undefined) return [{ window: { [who]: 'empty' } }];
      return [{ window: { [who]: 'write' } }];
    }
    case 'write':
      return [{ world: { scope: window.found }, window: { [who]: 'empty' } }];
    case 'empty':
      return [{ world: { state: 'empty' }, window: { [who]: 'unlock' } }];
    case 'unlock':
      return [{ world: over, window: { [who]: 'ended' } }];
    default:
      return [];
  }
}

/** Every world that can be reached and in which nothing more happens; each with one way that leads to it. */
export function ends(start: World): { world: World; way: World[] }[] {
  const seen = new Map<string, World | undefined>([[JSON.stringify(start), undefined]]);
  const found: World[] = [];
  const open = [start];
  for (let world = open.pop(); world; world = open.pop()) {
    const next = steps(world);
    if (next.length === 0) found.push(world);
    for (const each of next) {
      const key = JSON.stringify(each);
      if (seen.has(key)) continue;
      seen.set(key, world);
      open.push(each);
    }
  }
  return found.map((world) => {
    const way: World[] = [];
    for (let at: World | undefined = world; at; at = seen.get(JSON.stringify(at))) way.unshift(at);
    return { world, way };
  });
}
