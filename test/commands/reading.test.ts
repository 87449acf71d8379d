import { expect, test } from 'vitest';
import { useAccount } from './account.ts';

const { sh, tree } = useAccount();

/** On Debian rpm, when asked for a package, makes a database in the home of whoever asks. */
test.each(['status', 'status --json', 'explain', 'why 1', 'dry-run -- gdb -p 1', 'config', 'doctor'])(
  'ptrace-shim %s leaves the home as it was',
  (words) => {
    const before = tree();
    expect(sh(`ptrace-shim ${words}`).stdout).not.toBe('');
    expect(tree()).toBe(before);
  },
);

test.each(['status', 'doctor'])('ptrace-shim %s paints nothing into a pipe, in CI either', (words) => {
  expect(sh(`ptrace-shim ${words}`, { CI: 'true' }).stdout).not.toContain('\u001b');
});

/** The reader is gone before the first byte. */
test.each(['status', 'explain', 'completion bash', 'dry-run --json -- gdb -p 1'])(
  'ptrace-shim %s says nothing of a reader who has had enough',
  (words) => {
    expect(sh(`mkfifo pipe; : <pipe & exec 3>pipe; wait; ptrace-shim ${words} >&3`)).toMatchObject({
      stderr: '',
      status: 0,
    });
  },
);
