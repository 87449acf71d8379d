import { createRequire } from 'node:module';

/** Loads node:tty, which brings all of net, only when somebody could be asked. Node 22.0 has no process.getBuiltinModule. */
export function isTerminal(fd: number): boolean {
  return createRequire(import.meta.url)('node:tty').isatty(fd);
}

/**
 * Text that another process chose (a name, a command line), made fit for a terminal: control and format characters
 * shown escaped, and cut in the middle when longer than `width` characters.
 */
export function renderHostile(text: string, width = 200): string {
  // Cut first: nobody waits for 100 kB to be escaped; again afterwards, as escapes are longer.
  const short = cut(text, width * 4);
  // V8 compiles a pattern of all Unicode when it is first used, which takes longer than all the rest of this.
  return cut(/[^ -~]/.test(short) ? short.replace(UNSAFE, render) : short, width);
}

/** C0, DEL, C1, bidirectional and other format characters, line separators, lone surrogates. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

function render(character: string): string {
  const known: Record<string, string> = { '\n': '\\n', '\t': '\\t', '\r': '\\r', '\u001b': '\\e' };
  const code = character.codePointAt(0)!;
  return (
    known[character] ??
    (code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`)
  );
}

function cut(text: string, width: number): string {
  if (text.length <= width) return text;
  const head = Math.ceil((width - 1) / 2);
  return `${text.slice(0, head)}…${text.slice(text.length - (width - 1 - head))}`;
}
