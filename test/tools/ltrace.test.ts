import { ltrace } from '../../src/tools/ltrace.ts';
import { attach, describeTool, launch, other } from './table.ts';

describeTool(ltrace, [
  ['', other],
  ['-p 12', attach([12])],
  ['-p12', attach([12])],
  ['-fp 12', attach([12])],
  ['-p 12 -p 13', attach([12, 13])],
  ['-p 12 ls', attach([12], { launches: true })],
  ['-p 12x', other],
  ['-p 12 -p x', other],
  ['-p 0x1f', attach([31])],
  ['-p x', other],
  ['--pid 12', other],
  ['ls', launch],
  ['ls -p 12', launch],
  ['-S -o log -e malloc ls', launch],
  ['-h -p 12', other],
  ['-V', other],
  ['-r -t -p 12', other],
  ['-J -p 12', other],
  ['--output=log -p 12', attach([12])],
]);
