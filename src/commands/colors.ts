import { isatty } from 'node:tty';
import pc from 'picocolors';

/** Colours for stdout where it is a terminal; picocolors alone would paint into the pipes of every CI, too. */
export const colors = pc.createColors(pc.isColorSupported && (isatty(1) || Boolean(process.env.FORCE_COLOR)));
