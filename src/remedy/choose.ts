import inquirer from 'inquirer';
import type { Decision } from '../decision.ts';
import { sayContainer } from '../setup/container.ts';
import type { ToolName } from '../tools/tool.ts';
import { hasOwnAction } from './helper.ts';
import { type RunningProgram, renderProgram } from './program.ts';
import type { Remedies, Remedy } from './remedies.ts';
import type { Voice } from './speak.ts';

export type Choice =
  | 'permit'
  | 'window'
  | 'relaunch'
  | 'host'
  | 'container-root'
  | 'explain'
  | 'show-helper'
  | 'run';
export type Memory = 'once' | 'tool' | 'all';

/** What can be chosen, with the words for it. */
interface Option {
  readonly value: Choice;
  readonly name: string;
  readonly does: string;
  readonly disabled?: string;
}

/** The question. Rejects with an ExitPromptError on Ctrl-C. */
export async function chooseRemedy(
  tool: ToolName,
  decision: Decision,
  remedies: Remedies,
  deadline: number,
  voice: Voice,
): Promise<Choice> {
  const options = listOptions(tool, decision, remedies, deadline, widthOf(voice));
  return select(
    'What do you want to do?',
    options.map((option) => ({ ...option, does: option.disabled ?? option.does })),
    voice,
  );
}

export function listOptions(
  tool: ToolName,
  decision: Decision,
  { list, program }: Remedies,
  deadline: number,
  columns: number,
): Option[] {
  const reason = (id: Remedy['id']) => list.find((remedy) => remedy.id === id)?.reason;
  const { intent, container } = decision;
  const host = list.find(({ id }) => id === 'host');
  const root = list.find(({ id }) => id === 'container-root');
  const launch = intent.kind === 'launch';
  const options: (Option | false)[] = [
    !launch && {
      value: 'permit',
      name: 'Attach now',
      does: `this ${tool} alone (${sayPassword()}); scope stays 1`,
      ...disabled(reason('permit')),
    },
    {
      value: 'window',
      name: launch ? 'Launch now' : 'Lower the scope',
      does: `whole machine (admin password), ${sayHowLong(decision, deadline)}`,
      ...disabled(reason('window')),
    },
    {
      value: 'relaunch',
      name: `Relaunch under ${tool}`,
      does: program ? sayRelaunch(program, columns) : '',
      ...disabled(reason('relaunch')),
    },
    host !== undefined && {
      value: 'host',
      name: `Run ${tool} on the host`,
      does: `${host.through?.join(' ')} with the same arguments; the scope holds there, too`,
      ...disabled(host.reason),
    },
    container !== undefined &&
      root !== undefined && {
        value: 'container-root',
        name: `Run ${tool} as root`,
        does: `sudo ${tool} with the same arguments: the root of this ${sayContainer(container)} may attach`,
        ...disabled(root.reason),
      },
    { value: 'explain', name: 'Explain', does: 'why this is so, and how to change it for good' },
    reason('window') === undefined && {
      value: 'show-helper',
      name: 'Show what runs as root',
      does: 'the whole program',
    },
    { value: 'run', name: `Run ${tool} anyway`, does: 'it will report "Operation not permitted"' },
  ];
  return options.filter((option) => option !== false);
}

/** A package's helper has a polkit action of its own, which takes the person's own password. */
function sayPassword(): string {
  return hasOwnAction('ptrace-permit') ? 'your password' : 'admin password';
}

/** As much of the command line as leaves the list on lines of their own. */
function sayRelaunch(program: RunningProgram, columns: number): string {
  const say = (what: string) => `stop ${program.pid}, then start ${what} again`;
  return say(renderProgram(program, columns - say('').length - 29));
}

function disabled(reason: string | undefined): { disabled?: string } {
  return reason === undefined ? {} : { disabled: reason };
}

/** A tool that attaches again and again keeps the scope lowered for as long as it runs: that is to be known before. */
function sayHowLong({ intent }: Decision, deadline: number): string {
  if (intent.kind === 'launch') return 'until it is traced';
  const again = intent.kind === 'attach' && intent.attaching === 'until-exit';
  return again ? `for ${deadline} s at most` : 'until attached';
}

/** Should the answer hold from now on? */
export async function chooseMemory(tool: ToolName, voice: Voice): Promise<Memory> {
  return select(
    'Remember this answer?',
    [
      { value: 'once', name: 'Just this once', does: '' },
      { value: 'tool', name: `Always for ${tool}`, does: 'ptrace-shim config forgets it' },
      { value: 'all', name: 'Always', does: `for ${tool} and the other tools` },
    ],
    voice,
  );
}

/** What becomes of the running one when a new one is started. */
export async function chooseStop(
  pid: number,
  remarks: readonly string[],
  voice: Voice,
): Promise<'stop' | 'leave' | 'back'> {
  for (const remark of remarks) voice.say(`  note     ${remark}`);
  return select(
    `What becomes of the running ${pid}?`,
    [
      { value: 'stop', name: 'Stop it first', does: 'SIGTERM, and wait until it has ended' },
      { value: 'leave', name: 'Leave it running', does: 'two of them may want the same port or file' },
      { value: 'back', name: 'Back', does: 'to the other ways' },
    ],
    voice,
  );
}

/** It did not heed SIGTERM. */
export async function chooseKill(pid: number, voice: Voice): Promise<'wait' | 'kill' | 'back'> {
  return select(
    `${pid} is still running`,
    [
      { value: 'wait', name: 'Wait', does: 'ten seconds more' },
      { value: 'kill', name: 'Kill it', does: 'SIGKILL: it cannot save anything' },
      { value: 'back', name: 'Back', does: 'to the other ways, leaving it to end or not' },
    ],
    voice,
  );
}

interface Line<T> {
  readonly value: T;
  readonly name: string;
  readonly does: string;
  readonly disabled?: string;
}

/** One list to pick from. What a choice does stands beside it where the terminal is wide enough, else below the list. */
async function select<T extends string>(
  message: string,
  lines: readonly Line<T>[],
  voice: Voice,
): Promise<T> {
  const { stream, colors } = voice;
  const columns = widthOf(voice);
  const nameWidth = Math.max(...lines.map(({ name }) => name.length)) + 2;
  const wide = columns >= Math.max(...lines.map(({ does }) => does.length)) + nameWidth + 4;
  const prompt = inquirer.createPromptModule({ input: process.stdin, output: stream! });
  const { answer } = await prompt([
    {
      type: 'select',
      name: 'answer',
      message,
      loop: false,
      default: lines.find(({ disabled }) => !disabled)?.value,
      pageSize: 10,
      theme: { prefix: colors.cyan('?'), style: { disabled: (text: string) => colors.dim(`  ${text}`) } },
      choices: lines.map(({ value, name, does, disabled }) => ({
        value,
        name: wide || disabled ? `${name.padEnd(nameWidth)}${colors.dim(does)}`.trimEnd() : name,
        short: name,
        ...(wide || does === '' ? {} : { description: does }),
        ...(disabled ? { name: name.padEnd(nameWidth - 1), disabled: `(${disabled})` } : {}),
      })),
    },
  ]);
  return answer as T;
}

function widthOf({ stream }: Voice): number {
  return stream?.columns ?? 80;
}
