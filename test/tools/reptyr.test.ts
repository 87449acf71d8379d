import { reptyr } from '../../src/tools/reptyr.ts';
import { attach, describeTool, other } from './table.ts';

describeTool(reptyr, [
  ['', other],
  ['12', attach([12])],
  ['-s 12', attach([12])],
  ['-V 12', attach([12])],
  ['12 -s', attach([12])],
  ['-T 12', other],
  ['-l', other],
  ['-L sh', other],
  ['-v', other],
  ['x', other],
]);
