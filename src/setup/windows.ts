import { readText } from '../kernel/read.ts';
import { readScope } from '../kernel/scope.ts';

/** One lowering of the scope by libexec/ptrace-scope-window, which writes this down. */
export interface WindowRecord {
  /** When it closed, as ISO 8601; absent while it is open. */
  readonly closed?: string;
  readonly uid: number;
  readonly tool: string;
  /** The process ids it was for; none for a launch. */
  readonly targets: readonly number[];
  /** The scope before and after, and the one meanwhile. */
  readonly found: number;
  readonly during: number;
  /** How long it was open. */
  readonly ms?: number;
  /** attached, gone (the targets), exited (the tool), deadline, terminated, killed, failed or overruled. */
  readonly ended?: string;
}

/**
 * The window that is open now, if it is, and the last ones that were, newest first. They are forgotten at a reboot. Root
 * reads of all of them, anybody else of his own.
 */
export function readWindows(run = '/run/ptrace-shim', proc = '/proc', count = 5, uid = process.geteuid?.()) {
  const files = uid === 0 ? ['state', 'record'] : [`record.${uid}`];
  const lines = files.flatMap((file) => (readText(`${run}/${file}`) ?? '').trim().split('\n'));
  const windows = lines.flatMap(parseRecord);
  const scope = readScope(proc);
  return {
    open: windows.filter(({ ended, during }) => ended === undefined && during === scope),
    recent: windows
      .filter(({ ended }) => ended !== undefined)
      .reverse()
      .slice(0, count),
  };
}

/** `uid=2000 tool=gdb targets=77:1234,78:1240 found=1 during=0`, after what the files have before it. */
function parseRecord(line: string): WindowRecord[] {
  const words = new Map(
    line.split(' ').map((word) => [word.split('=')[0]!, word.slice(word.indexOf('=') + 1)]),
  );
  const tool = words.get('tool');
  if (tool === undefined) return [];
  const number = (key: string) => Number(words.get(key));
  const ended = words.get('ended');
  return [
    {
      ...(ended === undefined ? {} : { closed: line.split(' ')[0]!, ms: number('ms'), ended }),
      uid: number('uid'),
      tool,
      targets: [...(words.get('targets') ?? '').matchAll(/(\d+):\d+/g)].map(([, pid]) => Number(pid)),
      found: number('found'),
      during: number('during'),
    },
  ];
}
