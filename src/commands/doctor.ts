import type { Finding } from '../doctor/finding.ts';
import { Ended } from '../failure.ts';
import { colors } from './colors.ts';
import type { AddCommand } from './command.ts';

/** `ptrace-shim doctor`: does typing `gdb` reach the shim, and the shim the real gdb? */
export const addDoctor: AddCommand = (command) => {
  command
    .option('--json', 'print an array of findings')
    .addHelpText('after', DETAILS)
    .action(async ({ json }: { json?: boolean }) => {
      const findings = await examine();
      process.stdout.write(json ? `${JSON.stringify(findings, null, 2)}\n` : renderFindings(findings));
      if (findings.some(({ level }) => level === 'broken')) throw new Ended(1);
    });
};

const DETAILS = `
Starts your login shell with its rc files, asks it what typing each tool runs,
and runs both the shim and the real tool. Changes nothing.

Exit status: 0 all well, 1 something is broken.

JSON: [{"id": "gdb", "level": "ok", "message": "...", "help": "..."}]
  id     shell, one for each tool, terminal,
         links, copies, command, node, bundle, helper,
         gdb-attach, settings, elevation,
         polkit, agent, scope, sudo, ide
  level  ok, note (nothing need be done) or broken
  help   what to type; only where there is something
`;

async function examine(): Promise<Finding[]> {
  const { openVoice } = await import('../say/voice.ts');
  const { spin } = await import('../say/spinner.ts');
  const { examineInstallation } = await import('../doctor/examination.ts');
  const spinner = spin('asking your login shell', openVoice(2).stream);
  try {
    return await examineInstallation();
  } finally {
    spinner.stop();
  }
}

/** A line each, and below it what to type: once where it is the same for several. */
export function renderFindings(findings: readonly Finding[]): string {
  return findings
    .map(({ level, message, help }, index) => {
      const repeated = help === findings[index + 1]?.help;
      const line = `${COLORS[level](level.padEnd(6))}  ${message}\n`;
      return help === undefined || repeated ? line : `${line}          help: ${help}\n`;
    })
    .join('');
}

const COLORS = { ok: colors.green, note: colors.yellow, broken: colors.red } as const;
