import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { buildProgram } from '../../src/command-line.ts';

const program = await buildProgram('0');

test.each(withSubcommands(program).map((command) => [command.name(), command] as const))(
  'the help of %s fits a screen of 80 by 40',
  (_, command) => {
    let text = '';
    command.configureOutput({ writeOut: (part) => (text += part), getOutHelpWidth: () => 80 }).outputHelp();
    const lines = text.trimEnd().split('\n');
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(lines.length).toBeLessThanOrEqual(40);
    expect(text).toContain('show this help');
  },
);

function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}
