import type { Decision } from '../decision.ts';
import type { Plan } from '../handover/plan.ts';
import type { Refusal } from '../refusal.ts';
import type { Helper } from '../root/helper.ts';
import type { Voice } from '../say/voice.ts';
import type { OnRefusal, Settings } from '../settings.ts';
import type { Tool } from '../tools/tool.ts';

/** The ways through that there are, by their names in `dry-run --json`. */
export type RemedyId = 'permit' | 'window' | 'relaunch' | 'host' | 'container-root';

/** A way through: looks at what was decided, and offers itself. Undefined where nobody would look for it. Reads only. */
export type Remedy = (situation: Situation) => Offer | undefined;

/** An answer for every time that names remedies. */
export type Remembered = Exclude<OnRefusal, 'ask' | 'hint'>;

export interface Situation {
  readonly tool: Tool;
  readonly decision: Decision;
  readonly settings: Settings;
  /** Why no helper of ours can do anything from here; undefined where one can. */
  readonly noHelper: string | undefined;
}

/** A remedy for one refusal. One that cannot work is shown with the reason. */
export interface Offer {
  readonly id: RemedyId;
  /** Why it cannot work here; undefined where it can. */
  readonly reason: string | undefined;
  /** Its line in the question; absent where it would be noise. */
  readonly name?: string;
  /** What it does, to stand beside its name on a terminal of so many columns. */
  does(columns: number): string;
  /** What runs as root for it. */
  readonly helper?: Helper;
  /** Present for what can be an answer for every time: its name, and what to say before the reason where it cannot work. */
  readonly remembered?: { readonly answer: Remembered; readonly failure: string };
  /** What runs the tool instead of us: `flatpak-spawn --host gdb`, or `/usr/bin/sudo` with the real tool after it. */
  readonly through?: readonly string[];
  /** Does it; undefined leads back to the question. */
  carryOut(refusal: Refusal, voice: Voice): Promise<Plan | undefined>;
}
