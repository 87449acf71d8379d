import { austin } from '../../src/tools/austin.ts';
import { attach as attachTo, describeTool, other } from './table.ts';

/** It attaches again and again. */
const later = (targets: number[], rest = {}) => attachTo(targets, { attaching: 'until-exit', ...rest });

describeTool(austin, [
  ['', other],
  ['-p 12', later([12])],
  ['-p12', later([12])],
  ['--pid=12', later([12])],
  ['-w 12', later([12])],
  ['--where 12', later([12])],
  ['-Cp 12', later([12])],
  ['-i 1ms -o out -p 12', later([12])],
  ['-p 12 python3 x.py', other],
  ['python3 x.py -p 12', other],
  ['-p x', other],
  ['-p 12 --version', other],
  ['-? -p 12', other],
]);
