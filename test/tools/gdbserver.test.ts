import { gdbserver } from '../../src/tools/gdbserver.ts';
import { attach, describeTool, launch, other } from './table.ts';

describeTool(gdbserver, [
  ['', other],
  ['--attach :1234 12', attach([12])],
  [':1234 --attach 12', attach([12])],
  ['--once --attach localhost:0 12', attach([12])],
  ['--attach :1234', other],
  ['--attach :1234 12 13', other],
  ['--attach :1234 x', other],
  ['--attach :1234 0x1f', attach([31])],
  ['--attach - 12', attach([12], { driven: true })],
  ['--attach stdio 12', attach([12], { driven: true })],
  ['--debug --debug-format=all --remote-debug --attach :1234 12', attach([12])],
  ['--wrapper env LD_PRELOAD=x.so -- :1234 ./server', launch],
  ['--wrapper -- :1234 ./server', other],
  ['--wrapper env :1234 ./server', other],
  [':1234 ./server', launch],
  [':1234 ./server --attach 12', launch],
  [':1234', other],
  ['--multi :1234', other],
  ['--nosuch --attach :1234 12', other],
  ['--version', other],
]);
