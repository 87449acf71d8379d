import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What each shell needs to answer: a script beside this file, and where our completions are. */
const SHELLS = {
  bash: ['bash', 'candidates.bash', 'completions/ptrace-shim.bash'],
  zsh: ['zsh', 'candidates.zsh', 'completions'],
  fish: ['fish', 'candidates.fish', 'completions/ptrace-shim.fish'],
} as const;

export type Shell = keyof typeof SHELLS;
export const shells = Object.keys(SHELLS) as Shell[];

/** What a real shell offers at the end of each line, sorted. */
export async function readCandidates(shell: Shell, lines: readonly string[]): Promise<string[][]> {
  const [program, script, completions] = SHELLS[shell];
  const words = [`test/completions/${script}`, `${ROOT}${completions}`, ...lines];
  const { stdout } = await execa(program, words, { cwd: ROOT, stdin: 'ignore', stripFinalNewline: false });
  const answers = stdout.split(/^\n/m).slice(0, lines.length);
  return answers.map((answer) => answer.split('\n').filter(Boolean).sort());
}
