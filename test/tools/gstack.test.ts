import { describe } from 'vitest';
import { gstack, pstack } from '../../src/tools/gstack.ts';
import { attach as attachTo, describeTool, other } from './table.ts';

/** It attaches again and again. */
const later = (targets: number[], rest = {}) => attachTo(targets, { attaching: 'until-exit', ...rest });

describe.each([gstack, pstack])('$name', (tool) => {
  describeTool(tool, [
    ['', other],
    ['12', later([12])],
    ['-- 12', later([12])],
    ['12 13', other],
    ['-v', other],
    ['-h 12', other],
    ['--version', other],
    ['--nosuch 12', other],
    ['x', other],
  ]);
});
