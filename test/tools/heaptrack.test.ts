import { heaptrack } from '../../src/tools/heaptrack.ts';
import { attach, describeTool, other } from './table.ts';

describeTool(heaptrack, [
  ['', other],
  ['-p 12', attach([12])],
  ['--pid 12', attach([12])],
  ['-o out -p 12', attach([12])],
  ['./server -p 12', other],
  ['-a heaptrack.server.12.gz', other],
  ['-d ./server', other],
  ['-p x', other],
]);
