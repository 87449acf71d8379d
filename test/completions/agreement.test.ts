import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildProgram } from '../../src/command-line.ts';
import { DEFAULTS, ON_REFUSAL, PLAIN, PLAIN_NAMES } from '../../src/settings.ts';
import { SHELLS, TOOL_NAMES } from '../../src/tools/tool.ts';
import { tools } from '../../src/tools/tools.ts';
import { readCandidates } from './candidates.ts';
import { readManPage } from './man-page.ts';

/** The parser itself; what the pages and the completions say is held against it. */
const program = await buildProgram('0');
const commands = list(program);
const page = readManPage(
  readFileSync(fileURLToPath(new URL('../../man/ptrace-shim.1', import.meta.url)), 'utf8'),
);

describe('the man page', () => {
  test('describes the commands of the parser, in the order of the help', () => {
    expect(page.map(({ name }) => name)).toEqual(Object.keys(commands));
  });

  test.each(Object.keys(commands))('%s: describes each option, and has it in the usage', (name) => {
    const entry = page.find((command) => command.name === name);
    expect(entry?.described).toEqual(commands[name]);
    expect(entry?.used).toEqual(commands[name]);
  });
});

describe.each(SHELLS)('the completion of %s', (shell) => {
  const asked = [
    ...Object.keys(commands).map((name) => `ptrace-shim ${name} -`),
    'ptrace-shim -',
    'ptrace-shim ',
    'ptrace-shim config ',
  ];
  let offered: Record<string, string[]>;
  beforeAll(async () => {
    const answers = await readCandidates(shell, asked);
    offered = Object.fromEntries(asked.map((line, index) => [line, answers[index]!]));
  });

  test('offers the commands of the parser', () => {
    const tops = Object.keys(commands).filter((name) => !name.includes(' '));
    expect(words(offered['ptrace-shim ']!)).toEqual(tops.sort());
    const nested = Object.keys(commands).filter((name) => name.startsWith('config '));
    expect(words(offered['ptrace-shim config ']!).map((word) => `config ${word}`)).toEqual(nested.sort());
  });

  test('offers the options that every call has', () => {
    expect(options(offered['ptrace-shim -']!)).toEqual(['--help', '--version', '-V', '-h']);
  });

  test.each(Object.keys(commands))('%s: offers the options of the parser', (name) => {
    const expected = [...commands[name]!, '--help', '-h'].sort();
    expect(options(offered[`ptrace-shim ${name} -`]!)).toEqual(expected);
  });

  test('offers the values of the parser', async () => {
    const keys = [...Object.keys(tools), 'all'].map((tool) => `onRefusal.${tool}`);
    const expected: Record<string, readonly string[]> = {
      // 3 is refused with a reason, so it is understood and not offered.
      'ptrace-shim set ': choices('set').filter((value) => value !== '3'),
      'ptrace-shim completion ': choices('completion'),
      'ptrace-shim dry-run -- ': Object.keys(tools),
      'ptrace-shim config set ': [...keys, ...Object.keys(DEFAULTS).filter((key) => key !== 'onRefusal')],
      'ptrace-shim config forget ': [...keys, ...Object.keys(DEFAULTS).filter((key) => key !== 'onRefusal')],
      'ptrace-shim config set onRefusal.gdb ': ON_REFUSAL,
      'ptrace-shim config set onRefusal.all ': ON_REFUSAL,
      ...Object.fromEntries(
        PLAIN_NAMES.map((name) => [`ptrace-shim config set ${name} `, PLAIN[name].offered]),
      ),
      'ptrace-shim install --tools ': Object.keys(tools),
    };
    const answers = await readCandidates(shell, Object.keys(expected));
    const found = Object.keys(expected).map((line, index) => [line, words(answers[index]!)]);
    const wanted = Object.entries(expected).map(([line, values]) => [line, [...values].sort()]);
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(wanted));
  });
});

describe.each(SHELLS)('%s', (shell) => {
  test('offers process ids where a tool takes them, and files elsewhere', async () => {
    const pid = String(process.pid);
    const expected: Record<string, boolean> = {};
    for (const name of TOOL_NAMES) {
      const { pids } = tools[name];
      if (pids === undefined || pids.known?.includes(shell)) continue;
      const { after = [], operand, files = [] } = pids;
      for (const word of after) expected[`${name} ${word} `] = true;
      for (const option of files) expected[`${name} ${option} `] = false;
      expected[`${name} `] = operand === 'any';
      expected[`${name} ${pid}`] = operand !== undefined;
    }
    const answers = await readCandidates(shell, Object.keys(expected));
    const offered = Object.keys(expected).map((line, index) => [
      line,
      answers[index]!.some((candidate) => new RegExp(`^${pid}\\b`).test(candidate)),
    ]);
    expect(Object.fromEntries(offered)).toEqual(expected);
  });
});

/** The commands of the help with their options but --help; those below a command as `config set`. */
function list(program: Command, above = ''): Record<string, string[]> {
  return Object.fromEntries(
    program
      .createHelp()
      .visibleCommands(program)
      .flatMap((command) => {
        const name = `${above}${command.name()}`;
        const flags = command.options.flatMap(({ short, long }) =>
          [short, long].filter((flag) => flag !== undefined),
        );
        return [[name, flags.sort()], ...Object.entries(list(command, `${name} `))];
      }),
  );
}

function choices(name: string): readonly string[] {
  const command = program.commands.find((each) => each.name() === name);
  return command?.registeredArguments[0]?.argChoices ?? [];
}

function options(candidates: readonly string[]): string[] {
  return candidates.filter((word) => /^-./.test(word) && word !== '--').sort();
}

function words(candidates: readonly string[]): string[] {
  return candidates.filter((word) => !word.startsWith('-'));
}
