import { dlv } from '../../src/tools/dlv.ts';
import { attach, describeTool, launch, other } from './table.ts';

describeTool(dlv, [
  ['', other],
  ['attach 12', attach([12])],
  ['attach 12 ./server', attach([12])],
  ['attach --headless --listen=:2345 12', attach([12])],
  ['attach -l :2345 12', attach([12])],
  ['--log attach --log-output rpc 12', attach([12])],
  ['attach --continue 12', attach([12])],
  ['--check-go-version=false attach 12', attach([12])],
  ['attach', other],
  ['attach x', other],
  ['attach --waitfor server', other],
  ['attach -h 12', other],
  ['attach --nosuch 12', other],
  ['trace -p 12 main.*', attach([12])],
  ['trace --pid=12 main.*', attach([12])],
  ['trace -p=12 main.*', attach([12])],
  ['trace main.*', other],
  ['exec ./server', launch],
  ['exec ./server -- -p 12', launch],
  ['dap', other],
  ['core ./server core.12', other],
  ['version', other],
]);
