/**
 * The machine's tests on the userland of today:
 *
 *     npm run test:userland [-- [SUITE] [FILE …]]
 *
 * builds Debian's SUITE (forky when not given) unless that is there already, and runs the tests of test/vm/ in it, or those
 * of some files. On forky-arm64, those of the permission: nothing else depends on the processor.
 */
import { execa } from 'execa';
import { buildUserland, SUITES } from '../vm/harness/userland.ts';

const words = process.argv.slice(2);
const suite = SUITES.find((each) => each === words[0]) ?? SUITES[0];
const named = words.filter((word) => word !== suite);
const files = suite === 'forky-arm64' && named.length === 0 ? ['test/vm/permit.test.ts'] : named;

await buildUserland(suite);
const { exitCode } = await execa('vitest', ['run', '--project', 'vm', ...files], {
  stdio: 'inherit',
  preferLocal: true,
  env: { PTRACE_SHIM_USERLAND: suite },
  reject: false,
});
process.exitCode = exitCode ?? 1;
