import { readFileSync, readlinkSync } from 'node:fs';

/** The bytes of a file in /proc or /sys; undefined when it is gone, hidden or refused, as any of them may be at any time. */
export function readBytes(path: string): Buffer | undefined {
  return orUndefined(() => readFileSync(path));
}

/** The same as text, for files whose format the kernel decides. */
export function readText(path: string): string | undefined {
  return readBytes(path)?.toString('utf8');
}

/** Where a link of /proc points; undefined as above. */
export function readLink(path: string): string | undefined {
  return orUndefined(() => readlinkSync(path));
}

function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
