import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';

/** What the agent in the guest answers; see guest/agent.mjs. */
export interface Answer {
  id: string;
  hello?: true;
  pid?: number;
  out?: string;
  err?: string;
  data?: string;
  exit?: { status: number | null; signal: NodeJS.Signals | null };
  error?: string;
}

/** The line to the agent in the guest. One at a time: QEMU lets the next in when the last has hung up. */
export class Agent {
  readonly #socket: Socket;
  readonly #listeners = new Map<string, (answer: Answer) => void>();
  /** Answers to an earlier client may still be on the way. Their ids are not ours. */
  readonly #name = randomUUID();
  #count = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    let rest = '';
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop()!;
      for (const line of lines) this.#receive(line);
    });
    socket.on('error', () => {}); // 'close' follows
    socket.on('close', () => {
      for (const [id, listener] of this.#listeners) listener({ id, error: 'the test VM has hung up' });
    });
  }

  /** Connects to the guest's agent, which ends whatever an earlier client left running. */
  static async connect(path: string): Promise<Agent> {
    const socket = connect(path);
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    const agent = new Agent(socket);
    socket.write('\n'); // after half a line of an earlier client
    await agent.ask({ do: 'hello' });
    return agent;
  }

  /** Sends a request and listens to every answer, until it is the last. Returns the request's id. */
  send(request: Record<string, unknown>, listener: (answer: Answer) => void): string {
    const id = `${this.#name}/${this.#count++}`;
    this.#listeners.set(id, (answer) => {
      if (answer.error !== undefined || answer.exit || request.do !== 'start') this.#listeners.delete(id);
      listener(answer);
    });
    if (this.#socket.destroyed) this.#receive(JSON.stringify({ id, error: 'the test VM has hung up' }));
    else this.#socket.write(`${JSON.stringify({ ...request, id })}\n`);
    return id;
  }

  /** Sends a request that has one answer. */
  ask(request: Record<string, unknown>): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.send(request, (answer) => {
        if (answer.error === undefined) resolve(answer);
        else reject(new Error(answer.error));
      });
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(line: string): void {
    let answer: Answer;
    try {
      answer = JSON.parse(Buffer.from(line, 'latin1').toString());
    } catch {
      return; // the end of a line to an earlier client
    }
    this.#listeners.get(answer.id)?.(answer);
  }
}
