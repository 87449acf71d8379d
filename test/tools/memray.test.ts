import { memray } from '../../src/tools/memray.ts';
import { attach, describeTool, other } from './table.ts';

describeTool(memray, [
  ['', other],
  ['attach 12', attach([12])],
  ['attach --method gdb -o out 12', attach([12])],
  ['attach 12 --verbose', attach([12])],
  ['detach 12', attach([12])],
  ['attach', other],
  ['attach x', other],
  ['attach -h 12', other],
  ['run x.py 12', other],
]);
