import { attachTo } from './intent.ts';
import { readPidOption } from './pid-option.ts';
import type { Intent, Tool } from './tool.ts';

/** rbspy, read from its documentation and never run by us: `record` and `snapshot` read the memory of a Ruby program. */
export const rbspy: Tool = { name: 'rbspy', pids: { after: ['-p', '--pid'] }, recognise };

function recognise(words: readonly string[]): Intent {
  const pid = words[0] === 'record' || words[0] === 'snapshot' ? readPidOption(words) : undefined;
  return attachTo(pid, 'until-exit');
}
