import { afterEach, expect, test } from 'vitest';
import { connectVm } from './harness/connect.ts';
import { CHECKOUT } from './harness/vm.ts';

/** The table of docs/SECURITY.md. */
const vm = await connectVm();
afterEach(() => vm.setScope(1));

/** At a deadline of 3 s: milliseconds at most, and null where the next window raises the scope. */
const DEADLINE = 3000;
const SOON = 1500;
const TABLE: [death: string, withSystemd: number, without: number | null][] = [
  ['nothing', DEADLINE + 500, DEADLINE + 500],
  ['tool', SOON, SOON],
  ['elevator', DEADLINE + 500, DEADLINE + 500],
  ['keeper', SOON, SOON],
  ['guardian', DEADLINE + 500, DEADLINE + 500],
  ['keeper held up', DEADLINE + 3000, DEADLINE + 3000],
  ['no forks', DEADLINE + 500, DEADLINE + 500],
  ['all', DEADLINE + 8000, null],
];

test.each(['pkexec', 'sudo'])(
  'by %s, the scope stays low no longer than the table says',
  async (elevator) => {
    const rules = await vm.readFile('/etc/sudoers');
    await vm.writeFile('/etc/sudoers', `${rules}dev ALL=(ALL) NOPASSWD: ALL\n`);
    // Behind its front end sudo starts what pkexec does.
    const deaths = TABLE.map(([death]) => death).filter(
      (death) => elevator === 'pkexec' || ['nothing', 'elevator', 'keeper'].includes(death),
    );
    const ways = deaths.flatMap((death) => [true, false].map((systemd) => ({ elevator, systemd, death })));
    const words = ['/usr/bin/node', `${CHECKOUT}/test/vm/harness/guest/stays-low.mjs`, JSON.stringify(ways)];
    const measured = JSON.parse(await vm.asRoot(words, { timeout: 900_000 })) as (number | null)[];
    await vm.writeFile('/etc/sudoers', rules);
    for (const [index, { death, systemd }] of ways.entries()) {
      const [, withSystemd, without] = TABLE.find(([each]) => each === death)!;
      const most = systemd ? withSystemd : without;
      const took = measured[index]!;
      const kept = most === null ? took === null : took !== null && took <= most;
      expect({ elevator, death, systemd, took, most, kept }).toMatchObject({ kept: true });
    }
  },
  900_000,
);
