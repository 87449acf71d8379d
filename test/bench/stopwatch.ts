/** Something to be timed: a line of sh, run from a loop of sh so that only its own processes count. */
export interface Row {
  readonly name: string;
  readonly line: string;
}

/** Runs a script of sh and answers its stdout: here, or in the test VM. */
export type RunScript = (script: string) => Promise<string>;

/**
 * Milliseconds that one run of each line takes: the median of several rounds, in which all lines take turns, so that
 * whatever else the machine is doing meets all of them alike.
 */
export async function time(rows: readonly Row[], run: RunScript, { rounds = 31, repeats = 20 } = {}) {
  const times = new Map<string, number[]>(rows.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const { name, line } of rows) {
      const script = `start=$(date +%s%N); i=0
        while [ $i -lt ${repeats} ]; do ${line}; i=$((i + 1)); done >/dev/null 2>&1 </dev/null
        echo $(($(date +%s%N) - start))`;
      times.get(name)!.push(Number(await run(script)) / repeats / 1e6);
    }
  }
  return new Map([...times].map(([name, list]) => [name, median(list)]));
}

export function median(list: readonly number[]): number {
  return list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)]!;
}

/** Milliseconds as a person reads them. */
export function ms(value: number): string {
  return `${value.toFixed(value < 10 ? 2 : 0)} ms`;
}

/** How many times `one` is `other`. */
export function ratio(one: number, other: number): string {
  return (one / other).toFixed(2);
}
