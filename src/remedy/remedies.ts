import type { Decision } from '../decision.ts';
import { findHelperElevator } from '../root/elevator.ts';
import type { Settings } from '../settings.ts';
import type { Tool } from '../tools/tool.ts';
import { containerRoot } from './container-root.ts';
import { host } from './host.ts';
import { permit } from './permit.ts';
import { relaunch } from './relaunch.ts';
import type { Offer, Remedy, Remembered, Situation } from './remedy.ts';
import { window } from './window.ts';

/** Every remedy, in the order of the question: the narrowest first. */
export const REMEDIES: readonly Remedy[] = [permit, window, relaunch, host, containerRoot];

/** What each remedy offers. Reads only. */
export function findOffers(tool: Tool, decision: Decision, settings: Settings): Offer[] {
  const situation: Situation = {
    tool,
    decision,
    settings,
    elevator: findHelperElevator(decision, settings.elevate),
  };
  const offers = REMEDIES.flatMap((remedy) => {
    const terms = remedy.offer(situation);
    return terms === undefined ? [] : [{ id: remedy.id, ...terms }];
  });
  if (!decision.inSession) return offers;
  const reason = `${tool.name} is running already`;
  return offers.map((offer) => (offer.inSession ? offer : { ...offer, reason: offer.reason ?? reason }));
}

/** The remedies that an answer names, the narrowest first. */
export function offersFor(answer: Remembered, offers: readonly Offer[]): Offer[] {
  return offers.filter(({ remembered }) => remembered?.answers.includes(answer));
}
