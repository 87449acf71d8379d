import { scanmem } from '../../src/tools/scanmem.ts';
import { attach as attachTo, describeTool, other } from './table.ts';

/** It attaches again and again. */
const later = (targets: number[], rest = {}) => attachTo(targets, { attaching: 'until-exit', ...rest });

describeTool(scanmem, [
  ['', other],
  ['12', later([12])],
  ['-p 12', later([12])],
  ['--pid=12', later([12])],
  ['-p 11 12', later([12])],
  [['-c', 'option region_scan_level 3', '12'], later([12])],
  ['-b 12', later([12], { driven: true })],
  ['-v 12', other],
  ['x', other],
  ['--nosuch 12', other],
]);
