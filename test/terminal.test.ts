import { closeSync, constants, openSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { isTerminal } from '../src/terminal.ts';

test('knows a terminal, with what Node 22.0 has, too', () => {
  const { getBuiltinModule } = process;
  Object.assign(process, { getBuiltinModule: undefined });
  const [terminal, file] = ['/dev/ptmx', '/dev/null'].map((path) =>
    openSync(path, constants.O_RDWR | constants.O_NOCTTY),
  );
  onTestFinished(() => {
    Object.assign(process, { getBuiltinModule });
    closeSync(terminal!);
    closeSync(file!);
  });
  expect(isTerminal(terminal!)).toBe(true);
  expect(isTerminal(file!)).toBe(false);
});
