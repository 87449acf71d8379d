import type { Decision } from './decision.ts';
import type { Surroundings, Tool } from './tools/tool.ts';

/** One refused command line, as the remedies need it. */
export interface Refusal {
  readonly tool: Tool;
  /** The path of the real tool. */
  readonly real: string;
  /** The arguments as latin1, without argv[0]. */
  readonly words: readonly string[];
  /** The process that becomes the tool. */
  readonly tracer: number;
  readonly surroundings: Surroundings;
  readonly decision: Decision;
}
