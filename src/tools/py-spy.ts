import { attachTo } from './intent.ts';
import { readPidOption } from './pid-option.ts';
import type { Intent, Tool } from './tool.ts';

/** py-spy 0.3 and 0.4 (src/config.rs): samples a Python program until it ends. */
export const pySpy: Tool = { name: 'py-spy', pids: { after: ['-p', '--pid'] }, recognise };

/** Subcommands may be shortened. */
const SUBCOMMAND = /^(r|re|rec|reco|recor|record|t|to|top|d|du|dum|dump)$/;

function recognise(words: readonly string[]): Intent {
  const pid = SUBCOMMAND.test(words[0] ?? '') ? readPidOption(words) : undefined;
  return attachTo(pid, 'until-exit');
}
