import type { Decision } from '../decision.ts';
import type { Obstacle } from '../failure.ts';
import type { Plan } from '../handover/plan.ts';
import type { Refusal } from '../refusal.ts';
import type { Elevator } from '../root/elevator.ts';
import type { Helper } from '../root/helper.ts';
import type { Voice } from '../say/voice.ts';
import type { OnRefusal, Settings } from '../settings.ts';
import type { Tool } from '../tools/tool.ts';

/** A way through. */
export interface Remedy {
  /** Its name in `dry-run --json`. */
  readonly id: string;
  /** What it does, for the help of dry-run. */
  readonly about: string;
  /** Looks at what was decided, and offers itself. Undefined where nobody would look for it. Reads only. */
  offer(situation: Situation): Terms | undefined;
}

/** An answer for every time that names remedies. */
export type Remembered = Exclude<OnRefusal, 'ask' | 'hint'>;

export interface Situation {
  readonly tool: Tool;
  readonly decision: Decision;
  readonly settings: Settings;
  /** Who would make a helper of ours root; or why none can do anything from here. */
  readonly elevator: Elevator | Obstacle;
}

/** A remedy for one refusal, by the name of the remedy. */
export interface Offer extends Terms {
  readonly id: string;
}

/** What a remedy has to offer. One that cannot work is shown with the reason. */
export interface Terms {
  /** Why it cannot work here; undefined where it can. */
  readonly reason: string | undefined;
  /** Its line in the question; absent where it would be noise. */
  readonly name?: string;
  /** What it does, to stand beside its name on a terminal of so many columns. */
  does(columns: number): string;
  /** What runs as root for it. */
  readonly helper?: Helper;
  /**
   * Present for what can be an answer for every time. The answers that mean it, the first being what is remembered where it
   * was chosen; and what to say before the reason where such an answer cannot be followed.
   */
  readonly remembered?: { readonly answers: readonly Remembered[]; readonly failure: string };
  /** It needs no other command line, and so helps a tool that runs already. */
  readonly inSession?: true;
  /** What runs the tool instead of us: `flatpak-spawn --host gdb`, or `/usr/bin/sudo` with the real tool after it. */
  readonly through?: readonly string[];
  /** Does it; undefined leads back to the question. */
  carryOut(refusal: Refusal, voice: Voice): Promise<Plan | undefined>;
}
