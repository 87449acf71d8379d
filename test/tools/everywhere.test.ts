import { lstatSync, readFileSync, readlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { TOOL_NAMES } from '../../src/tools/tool.ts';
import { tools } from '../../src/tools/tools.ts';

const CHECKOUT = resolve(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(CHECKOUT, file), 'utf8');

/** What is known of a tool stands in its file of src/tools/. These places have to know that it is there. */
describe.each(TOOL_NAMES)('%s', (name) => {
  test('is in the list under its own name', () => {
    expect(tools[name].name).toBe(name);
  });

  test('has a link to the shim', () => {
    const link = join(CHECKOUT, 'shims', name);
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readlinkSync(link)).toBe('shim');
  });

  test.each(['man/ptrace-shim.1', 'man/ptrace-scope-troubleshooting.7', 'README.md'])(
    'is named in %s',
    (file) => {
      expect(read(file).replaceAll('\\-', '-')).toContain(name);
    },
  );
});
