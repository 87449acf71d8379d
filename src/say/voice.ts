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
  const stream = terminal ? new WriteStream(fd) : undefined;
  if (stream) prepare(stream);
  return {
    say(text) {
      try {
        writeSync(fd, `${text}\n`);
      } catch {}
    },
    colors: createColors(terminal && !env.NO_COLOR),
    ...(stream ? { stream } : {}),
    get columns() {
      return stream?.columns || 80; // a serial line has no size, and says 0
    },
  };
}

function prepare(stream: WriteStream): void {
  // Node tells its own stdout and stderr of a new size by this method, and no other stream.
  process.on('SIGWINCH', () => (stream as WriteStream & { _refreshSize(): void })._refreshSize());
  stream.columns ||= 80; // for the libraries; see `columns`
  stream.end = () => stream; // a prompt ends the stream that it drew on, and more questions may follow
}
