import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ToolName } from '../../src/tools/tool.ts';
import { tools } from '../../src/tools/tools.ts';
import { processOf, surroundingsOf, Workbench } from './real.ts';

/*
 * The recognisers against the real tools: generated command lines, and the pids that the tool tries. The same ones each
 * time, for what somebody else's change breaks should be that change's. A longer campaign, with others:
 * RUNS=3000 SEED=$(date +%s) npx vitest run test/tools/differential.test.ts
 */
const seed = Number(process.env.SEED ?? 1);
const runsOf = (usual: number) => Number(process.env.RUNS ?? usual);

const bench = new Workbench();
let one: number;
let two: number;

beforeAll(async () => {
  one = await bench.start(bench.target);
  two = await bench.start(bench.target);
});
afterAll(() => bench.close());

/** Texts in which ONE and TWO stand for the live targets, HEX, OCT and WRAP for ways to write the first. */
const number = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('ONE', 'TWO') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      ...['HEX', 'OCT', 'WRAP', '+ONE', '-ONE', ' ONE', 'ONE ', '0ONE', 'ONEx', 'ONE.5', 'ONE&', 'TWO &'],
      ...['ONE,TWO', 'TWO ONE', 'ONE\nTWO', 'ONE,', '', '0', 'x', '9'.repeat(30), '-9'],
    ),
  },
);

const fragments = {
  strace: fc.oneof(
    fc.tuple(fc.constantFrom('-p', '--attach', '--at', '-fp', '-qp', '-attach', '--pid', '-ttTp'), number),
    glued(fc.constantFrom('-p', '--attach=', '--at=', '-fp', '-p=', '--pid=', '--a=', '-fqp'), number),
    fc.constantFrom<string[]>(
      ...[['-f'], ['-ff'], ['-F'], ['-q'], ['-qq'], ['-D'], ['-c'], ['-C'], ['-cw'], ['-w'], ['-k'], ['-z']],
      ...[
        ['-h'],
        ['-V'],
        ['--version'],
        ['--follow-forks'],
        ['--follow'],
        ['--output-separately'],
        ['-U', 'name'],
      ],
      ...[
        ['-o', 'log'],
        ['-olog'],
        ['--output=log'],
        ['--output', 'log'],
        ['-s', '8'],
        ['-s', 'x'],
        ['-a', '5'],
      ],
      ...[
        ['-e', 'trace=none'],
        ['-etrace=none'],
        ['--trace=none'],
        ['--quiet'],
        ['--quiet=all'],
        ['--decode-fds'],
      ],
      ...[['-E', 'A=b'], ['-u', 'root'], ['--daemonize'], ['--su'], ['--'], ['-'], ['-I', '4'], ['-I', '9']],
      ...[
        ['true'],
        ['true', '-p', 'ONE'],
        ['./nosuch'],
        [''],
        ['--nosuch'],
        ['-b', 'execve'],
        ['-xx'],
        ['-J'],
      ],
    ),
  ),
  'eu-stack': fc.oneof(
    fc.tuple(fc.constantFrom('-p', '--pid', '--pi', '-1p', '-qp', '--p', '-pid'), number),
    glued(fc.constantFrom('-p', '--pid=', '--pi=', '-1p', '-p=', '-qvp'), number),
    fc.constantFrom<string[]>(
      ...[['-1'], ['-a'], ['-b'], ['-d'], ['-i'], ['-l'], ['-m'], ['-q'], ['-r'], ['-s'], ['-v'], ['-1q']],
      ...[['-n', '3'], ['-n3'], ['-n', '0'], ['--raw'], ['--ra'], ['--in'], ['--debug'], ['--list-modules']],
      ...[['--help'], ['-?'], ['--usage'], ['-V'], ['--version'], ['--ver'], ['--'], ['-'], ['x'], ['']],
      ...[
        ['-e', '/bin/true'],
        ['--core', 'x'],
        ['--core=x'],
        ['--program-name=x'],
        ['--debuginfo-path', '/x'],
      ],
    ),
  ),
  gdb: fc.oneof(
    fc.tuple(fc.constantFrom('-p', '--pid', '-pid', '--p', '-pi', '-pp'), number),
    glued(fc.constantFrom('-p=', '--pid=', '-pid=', '--pi=', '-p'), number),
    fc.tuple(fc.constantFrom('-ex', '--ex', '-iex', '-eiex', '-ev', '-eval-command', '-ie'), command()),
    glued(fc.constantFrom('-ex=', '--iex=', '--early-init-eval-command='), command()),
    number.map((text) => [text]),
    number.map((text) => ['/bin/true', text]),
    fc.constantFrom<string[]>(
      ...[
        ['/bin/true'],
        ['./nosuch'],
        ['--args'],
        ['-ar'],
        ['--'],
        ['-'],
        [''],
        ['-c', 'nosuch'],
        ['-co', 'x'],
      ],
      ...[['-q'], ['-nx'], ['-nh'], ['-n'], ['-batch'], ['-batch-silent'], ['-quiet'], ['--silent'], ['-nw']],
      ...[['-e', '/bin/true'], ['-s', '/bin/true'], ['-se=/bin/true'], ['-x', 'nosuch'], ['-ix', 'nosuch']],
      ...[
        ['-d', '/tmp'],
        ['-cd', '/'],
        ['-l', '3'],
        ['-b=9600'],
        ['-t', 'x'],
        ['-re'],
        ['-readnow'],
        ['-q=1'],
      ],
      ...[
        ['--version'],
        ['-v'],
        ['--configuration'],
        ['-h'],
        ['--nosuch'],
        ['-in'],
        ['-i=mi'],
        ['-annotate=1'],
      ],
    ),
  ),
  ltrace: fc.oneof(
    fc.tuple(fc.constantFrom('-p', '-fp', '-Sp', '--pid', '-ttTp'), number),
    glued(fc.constantFrom('-p', '-fp', '-p=', '--pid='), number),
    fc.constantFrom<string[]>(
      ...[
        ['-f'],
        ['-c'],
        ['-C'],
        ['-S'],
        ['-L'],
        ['-i'],
        ['-r'],
        ['-t'],
        ['-T'],
        ['-b'],
        ['--no-s'],
        ['--in'],
      ],
      ...[
        ['-o', 'log'],
        ['-olog'],
        ['--output=log'],
        ['-n', '3'],
        ['-s', '8'],
        ['-e', 'malloc'],
        ['-x', 'main'],
      ],
      ...[['-h'], ['-V'], ['--version'], ['--help'], ['--nosuch'], ['-J'], ['--'], ['-'], ['--indent', '2']],
    ),
  ),
  gdbserver: fc.oneof(
    fc.tuple(fc.constantFrom('--attach', ':0', '-', 'stdio'), number),
    number.map((text) => ['--attach', ':0', text]),
    number.map((text) => ['--once', '--attach', ':0', text]),
    number.map((text) => [':0', '--attach', text]),
    number.map((text) => [text]),
    fc.constantFrom<string[]>(
      ...[
        ['--attach'],
        ['--once'],
        ['--debug'],
        ['--debug-format=all'],
        ['--remote-debug'],
        [':0'],
        ['--version'],
      ],
      ...[
        ['--disable-packet=vCont'],
        ['--wrapper', 'env', '--'],
        ['--wrapper', '--'],
        ['--nosuch'],
        ['--help'],
      ],
      ...[['--no-startup-with-shell'], ['./nosuch'], [''], ['--']],
    ),
  ),
  gcore: fc.oneof(
    number.map((text) => [text]),
    fc.constantFrom<string[]>(...[['-a'], ['-o', 'x'], ['-ox'], ['-J'], ['--'], ['x'], ['--nosuch']]),
  ),
} satisfies Partial<Record<ToolName, fc.Arbitrary<string[]>>>;

function glued(option: fc.Arbitrary<string>, value: fc.Arbitrary<string>): fc.Arbitrary<string[]> {
  return fc.tuple(option, value).map((parts) => [parts.join('')]);
}

function command(): fc.Arbitrary<string> {
  const attach = fc.tuple(
    fc.constantFrom('attach', 'at', 'atta', ' attach', 'attach ', 'Attach', 'a'),
    number,
  );
  return fc.oneof(
    attach.map((parts) => parts.join(' ')),
    attach.map((parts) => parts.join(' ')),
    fc.constantFrom(
      'quit',
      'q',
      'bt',
      'echo attach ONE',
      'help attach',
      'run',
      'detach',
      'attach',
      'attach-ONE',
      '',
    ),
  );
}

const grown: Record<keyof typeof fragments, string[]> = {
  strace: [],
  'eu-stack': [],
  gdb: ['-nx'], // no init files: sooner there
  ltrace: [],
  gdbserver: [],
  gcore: [],
};

describe('agrees with the real tool on what is attached to', () => {
  it.each([
    ['eu-stack', 400],
    ['strace', 400],
    ['gdb', 80],
    ['ltrace', 300],
    ['gdbserver', 200],
    ['gcore', 40],
  ] as const)(
    '%s',
    async (name, usual) => {
      const kinds = { attach: 0, launch: 0, other: 0 };
      await fc.assert(
        fc.asyncProperty(
          fc.array(fragments[name], { minLength: 1, maxLength: 5 }),
          fc.boolean(),
          async (parts, posix) => {
            const words = [...grown[name], ...parts.flat()].map(fillIn);
            const env = posix ? { POSIXLY_CORRECT: '1' } : {};
            const intent = tools[name].recognise(words, surroundingsOf(env));
            const { tried, stderr } = await bench.attempts(name, words, env);

            // Not in the words: whether PROG exists (strace looks before it attaches), and whether this strace
            // skips empty elements, as 6.8 and later do.
            if (/^strace: (Can't stat|Cannot find|Invalid process id: '')/m.test(stderr)) return;
            if (/^Can't (execute|open)/m.test(stderr)) return; // ltrace looks for PROG first, too
            if (/^Fatal signal: /m.test(stderr)) return; // gdb 13 crashes at -eiex run
            kinds[intent.kind]++;
            const expected = intent.kind === 'attach' ? intent.targets.filter(isLive) : [];
            // gcore goes on only when it has made a core file.
            const tries = name === 'gcore' ? expected.slice(0, 1) : expected;
            expect(new Set(tried.map(processOf).filter(isLive))).toEqual(new Set(tries));
            if (name === 'eu-stack' && intent.kind === 'attach' && expected.length > 0) {
              expect(new Set(tried).size).toBe(intent.threads === 'all' ? 2 : 1);
            }
          },
        ),
        { seed, numRuns: runsOf(usual), interruptAfterTimeLimit: process.env.RUNS ? undefined : 15_000 },
      );
      console.log(name, 'seed', seed, kinds);
      expect(kinds.attach).toBeGreaterThan(0);
      expect(kinds.other).toBeGreaterThan(0);
    },
    3_600_000,
  );
});

/** An octal number that is read as decimal names nobody; eu-stack does not even try then. */
function isLive(pid: number | undefined): boolean {
  return pid === one || pid === two;
}

function fillIn(word: string): string {
  return word
    .replace('ONE', String(one))
    .replace('TWO', String(two))
    .replace('HEX', `0x${one.toString(16)}`)
    .replace('OCT', `0${one.toString(8)}`)
    .replace('WRAP', String(2n ** 32n + BigInt(one)));
}
