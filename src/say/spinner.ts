import ora, { type Ora } from 'ora';

/** Turns while somebody is waited for; nothing where `stream` is none. Ctrl-C is left to those that it is for. */
export function spin(text: string, stream: NodeJS.WritableStream | undefined): Ora {
  return ora({
    text,
    color: false,
    discardStdin: false,
    ...(stream ? { stream } : { isSilent: true }),
  }).start();
}
