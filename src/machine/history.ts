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
  /** attached, gone (the targets), exited (the tool), deadline, killed, failed or overruled. */
  readonly ended?: string;
}

/** One permission by libexec/ptrace-permit, which writes this down. It ends with its tracer or target, which nobody writes. */
export interface PermissionRecord {
  /** When it was given, as ISO 8601. */
  readonly given: string;
  readonly uid: number;
  readonly tool: string;
  readonly targets: readonly number[];
  /** The process id that was let in; any: all of the person's; none: nobody any more. */
  readonly tracer: number | 'any' | 'none';
}

/** The last permissions, newest first. They are forgotten at a reboot. Root reads of all of them, anybody else of his own. */
export function readPermissions(
  run = '/run/ptrace-shim',
  count = 5,
  uid = process.geteuid?.(),
): PermissionRecord[] {
  return readLines(run, recordOf(uid)).flatMap(parsePermission).reverse().slice(0, count);
}

/** Root's own is of all; see libexec/ptrace-scope-window. */
function recordOf(uid: number | undefined): string {
  return uid === 0 ? 'record' : `record.${uid}`;
}

function readLines(run: string, file: string): string[] {
  return (readText(`${run}/${file}`) ?? '').trim().split('\n');
}

/** `2026-11-24T18:00:00Z permit tool=gdb uid=2000 targets=77:1234 tracer=80:1250` */
function parsePermission(line: string): PermissionRecord[] {
  const [given, kind] = line.split(' ');
  const words = parseWords(line);
  const tracer = words.get('tracer');
  if (kind !== 'permit') return [];
  return [
    {
      given: given!,
      uid: Number(words.get('uid')),
      tool: words.get('tool') ?? '?',
      targets: parseTargets(words.get('targets')),
      tracer: tracer === 'any' || tracer === 'none' ? tracer : parseInt(tracer ?? '', 10),
    },
  ];
}

/**
 * The window that is open now, if it is, and the last ones that were, newest first. They are forgotten at a reboot. Root
 * reads of all of them, anybody else of his own.
 */
export function readWindows(run = '/run/ptrace-shim', proc = '/proc', count = 5, uid = process.geteuid?.()) {
  const files = uid === 0 ? ['state', recordOf(uid)] : [recordOf(uid)]; // a person's copy says what is open, too
  const windows = files.flatMap((file) => readLines(run, file)).flatMap(parseRecord);
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
  const words = parseWords(line);
  const tool = words.get('tool');
  if (tool === undefined || !words.has('during')) return [];
  const number = (key: string) => Number(words.get(key));
  const ended = words.get('ended');
  return [
    {
      ...(ended === undefined ? {} : { closed: line.split(' ')[0]!, ms: number('ms'), ended }),
      uid: number('uid'),
      tool,
      targets: parseTargets(words.get('targets')),
      found: number('found'),
      during: number('during'),
    },
  ];
}

function parseWords(line: string): Map<string, string> {
  return new Map(line.split(' ').map((word) => [word.split('=')[0]!, word.slice(word.indexOf('=') + 1)]));
}

function parseTargets(text = ''): number[] {
  return [...text.matchAll(/(\d+):\d+/g)].map(([, pid]) => Number(pid));
}
