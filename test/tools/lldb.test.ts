import { lldb } from '../../src/tools/lldb.ts';
import { surroundingsOf } from './real.ts';
import { attach, describeTool, launch, other } from './table.ts';

const processes: Record<string, number[]> = { server: [77], twins: [78, 79] };
const surroundings = { ...surroundingsOf(), find: (name: string) => processes[name] ?? [] };

describeTool(
  lldb,
  [
    ['', other],
    ['-p 12', attach([12])],
    ['--attach-pid 12', attach([12])],
    ['-attach-pid 12', attach([12])],
    ['-p12', other],
    ['-p=12', other],
    ['--attach-pid=12', other],
    ['--attach-p 12', other],
    ['-p', other],
    ['-p x', other],
    ['-p 11 -p 12', attach([12])],
    ['-b -p 12 -o bt', attach([12])],
    ['-n server', attach([77])],
    ['--attach-name server', attach([77])],
    ['-n twins', other], // lldb does not choose
    ['-n nobody', other],
    ['-n server -w', other],
    ['./server -p 12', attach([12])],
    ['-- ./server -p 12', other],
    ['12', other],
    ['./server', other],
    [['-b', '-o', 'run', './server'], launch],
    [['-o', 'process attach -p 12'], attach([12])],
    [['-o', 'process attach --pid 12'], attach([12])],
    [['-O', 'attach 12'], attach([12])],
    [['-o', 'at -p 12'], attach([12])],
    [['-o', 'attach -n server'], other],
    [['-o', 'breakpoint set -l 12'], other],
    ['--nosuch -p 12', other],
    ['-v -p 12', other],
    ['--version', other],
  ],
  surroundings,
);
