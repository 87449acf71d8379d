import { writeSync } from 'node:fs';
import { isatty, WriteStream } from 'node:tty';
import { createColors } from 'picocolors';

/**
 * Where preflight speaks. The stdout of the real tool is never written to, and preflight's own carries the plan: the
 * shim gives it the person's stderr as another descriptor.
 */
export interface Voice {
  /** Prints whole lines. */
  say(text: string): void;
  readonly colors: ReturnType<typeof createColors>;
  /** The terminal to draw prompts and spinners on; present when the descriptor is one. */
  readonly stream?: WriteStream;
  /** How wide it is now; 80 where nothing tells. */
  readonly columns: number;
}

/** A voice on descriptor `fd`. What cannot be written is not said: a closed stderr is no reason to fail. */
export function openVoice(fd: number, env = process.env): Voice {
  const terminal = isatty(fd);
  const colored = terminal && !env.NO_COLOR;
  const stream = terminal ? new WriteStream(fd) : undefined;
  if (stream) stream.columns ||= 80; // for the libraries; see `columns`
  // A prompt ends the stream that it drew on, and more questions may follow.
  if (stream) stream.end = () => stream;
  if (stream && !colored) stripColors(stream);
  return {
    say(text) {
      try {
        writeSync(fd, `${text}\n`);
      } catch {}
    },
    colors: createColors(colored),
    ...(stream ? { stream } : {}),
    get columns() {
      return stream?.columns || 80; // a serial line has no size, and says 0
    },
  };
}

/** Not every library heeds NO_COLOR on every Node; none paints once the sequences are taken out. */
function stripColors(stream: WriteStream): void {
  const write = stream.write.bind(stream) as (text: unknown, ...rest: unknown[]) => boolean;
  stream.write = (text: unknown, ...rest: unknown[]) =>
    write(typeof text === 'string' ? text.replace(/\u001b\[[\d;]*m/g, '') : text, ...rest);
}
