import { rbspy } from '../../src/tools/rbspy.ts';
import { attach as attachTo, describeTool, other } from './table.ts';

/** It attaches again and again. */
const later = (targets: number[], rest = {}) => attachTo(targets, { attaching: 'until-exit', ...rest });

describeTool(rbspy, [
  ['', other],
  ['record --pid 12', later([12])],
  ['record -p 12 --duration 3', later([12])],
  ['snapshot -p 12', later([12])],
  ['record ruby x.rb', other],
  ['report -i 12', other],
]);
