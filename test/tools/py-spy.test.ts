import { pySpy } from '../../src/tools/py-spy.ts';
import { attach as attachTo, describeTool, other } from './table.ts';

/** It attaches again and again. */
const later = (targets: number[], rest = {}) => attachTo(targets, { attaching: 'until-exit', ...rest });

describeTool(pySpy, [
  ['', other],
  ['record -p 12 -o out.svg', later([12])],
  ['record --pid=12 -o out.svg', later([12])],
  ['top --pid 12', later([12])],
  ['dump -p12', later([12])],
  ['dump -p 0x1f', later([31])],
  ['dump -c core.12', other],
  ['d -p 12', later([12])],
  ['record -o out.svg -- python3 x.py -p 12', other],
  ['dump', other],
  ['-p 12', other],
  ['--version', other],
]);
