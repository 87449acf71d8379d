/** Numbers as C reads them from text: the tools disagree on bases and on what may follow. */

const LONG_MAX = 2n ** 63n - 1n;
const ULONG_MAX = 2n ** 64n - 1n;

/** The longest number at the start of the text, as strtol finds it; undefined when there is none. */
function readNumber(text: string, base: 0 | 10): { value: bigint; rest: string } | undefined {
  const pattern = base === 10 ? /\d+/y : /0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*/y;
  const [lead, sign] = /^[ \t\n\v\f\r]*([+-]?)/.exec(text)!;
  pattern.lastIndex = lead.length;
  const digits = pattern.exec(text)?.[0];
  if (digits === undefined) return undefined;
  const value = BigInt(base === 0 ? digits.replace(/^0(?=\d)/, '0o') : digits);
  return { value: sign === '-' ? -value : value, rest: text.slice(pattern.lastIndex) };
}

/** Cut to a C int, which may be anything then. */
function asInt(value: bigint): number {
  return Number(BigInt.asIntN(32, value));
}

/** gdb: strtoul with base 0 (hex, octal), which must eat the whole text; then cut to an int (gdb/utils.c). */
export function readPidAnyBase(text: string): number | undefined {
  const number = readNumber(text, 0);
  if (number === undefined || number.rest !== '') return undefined;
  const outOfRange = number.value > ULONG_MAX || number.value < -ULONG_MAX;
  const pid = asInt(outOfRange ? ULONG_MAX : number.value);
  return pid > 0 ? pid : undefined;
}

/** eu-stack: atoi, which takes what it can and cuts it to an int. */
export function readLeniently(text: string): number {
  const value = readNumber(text, 10)?.value ?? 0n;
  return asInt(value > LONG_MAX ? LONG_MAX : value < -LONG_MAX ? -LONG_MAX - 1n : value);
}

/** strace, vgdb: a whole decimal number from 0 to INT_MAX, `+` and blanks before it allowed. */
export function readWhole(text: string): number | undefined {
  const number = readNumber(text, 10);
  const fits = number?.rest === '' && number.value >= 0n && number.value <= 0x7fffffffn;
  return fits ? Number(number.value) : undefined;
}

/** ltrace: strtol with base 0, the whole text, at least 1; then cut to an int, which may be nobody's. */
export function readPositiveAnyBase(text: string): number | undefined {
  const number = readNumber(text, 0);
  if (number?.rest !== '' || number.value < 1n) return undefined;
  return asInt(number.value > LONG_MAX ? LONG_MAX : number.value);
}
