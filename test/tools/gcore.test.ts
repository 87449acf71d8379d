import { gcore } from '../../src/tools/gcore.ts';
import { attach as attachTo, describeTool, other } from './table.ts';

/** It attaches again and again. */
const later = (targets: number[], rest = {}) => attachTo(targets, { attaching: 'until-exit', ...rest });

describeTool(gcore, [
  ['', other],
  ['12', later([12])],
  ['12 13 12', later([12, 13])],
  ['-a -o core 12', later([12])],
  ['-ocore -- 12', later([12])],
  ['-d /usr/share/gdb -g gdb 12', later([12])],
  ['12 -a', later([12])], // gdb is given "-a", and fails
  ['x 12', other],
  ['0x1f', later([31])],
  ['-h 12', other],
  ['--help 12', other],
  ['--version', other],
  ['-J 12', other],
  ['-o', other],
]);
