import type { Decision } from '../decision.ts';
import { whyNoHelper } from '../root/elevator.ts';
import type { Settings } from '../settings.ts';
import type { Tool } from '../tools/tool.ts';
import { containerRoot } from './container-root.ts';
import { host } from './host.ts';
import { permit } from './permit.ts';
import { relaunch } from './relaunch.ts';
import type { Offer, Remedy, RemedyId, Remembered, Situation } from './remedy.ts';
import { window } from './window.ts';

/** Every remedy, in the order of the question. */
const REMEDIES: readonly Remedy[] = [permit, window, relaunch, host, containerRoot];

/** What each remedy offers. Reads only. */
export function findOffers(tool: Tool, decision: Decision, settings: Settings): Offer[] {
  const situation: Situation = {
    tool,
    decision,
    settings,
    noHelper: whyNoHelper(decision, settings.elevate),
  };
  const offers = REMEDIES.map((remedy) => remedy(situation)).filter((offer) => offer !== undefined);
  if (!decision.inSession) return offers;
  const reason = `${tool.name} is running already`;
  return offers.map((offer) =>
    IN_SESSION.includes(offer.id) ? offer : { ...offer, reason: offer.reason ?? reason },
  );
}

/** What needs no other command line, for a tool that runs already. */
const IN_SESSION: readonly RemedyId[] = ['permit', 'window'];

const NAMED: Readonly<Record<Remembered, readonly RemedyId[]>> = {
  attach: ['permit', 'window'],
  permit: ['permit'],
  window: ['window'],
  relaunch: ['relaunch'],
};

/** The remedies that an answer names, the narrowest first. */
export function offersFor(answer: Remembered, offers: readonly Offer[]): Offer[] {
  return NAMED[answer].map((id) => offers.find((offer) => offer.id === id)!);
}
