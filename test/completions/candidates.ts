import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { renderCompletion } from '../../src/commands/completion.ts';
import type { Shell } from '../../src/tools/tool.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What a real shell offers at the end of each line, sorted. */
export async function readCandidates(shell: Shell, lines: readonly string[]): Promise<string[][]> {
  const folder = await mkdtemp(join(tmpdir(), 'ptrace-shim-completions-'));
  try {
    const file = join(folder, shell === 'zsh' ? '_ptrace-shim' : 'completions');
    await writeFile(file, renderCompletion(shell));
    await symlink(join(ROOT, 'dist/main.js'), join(folder, 'ptrace-shim'));
    const words = [
      join(import.meta.dirname, `candidates.${shell}`),
      shell === 'zsh' ? folder : file,
      ...lines,
    ];
    const env = { PATH: `${folder}:${process.env.PATH}` };
    const options = { cwd: ROOT, env, stdin: 'ignore', stripFinalNewline: false } as const;
    const { stdout } = await execa(shell, words, options);
    const answers = stdout.split(/^\n/m).slice(0, lines.length);
    return answers.map((answer) => answer.split('\n').filter(Boolean).sort());
  } finally {
    await rm(folder, { recursive: true });
  }
}
