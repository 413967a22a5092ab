/** Shortest and median time of one run, in milliseconds. */
export interface Times {
  readonly min: number;
  readonly median: number;
}

export interface InTurnsOptions {
  /** At least so many rounds. Default 9. */
  readonly rounds?: number;
  /** Further rounds until so much time has passed. Default 500. */
  readonly milliseconds?: number;
}

/** Runs everything in turns, so that whatever else the machine does falls on all of them, and gives the times. */
export async function inTurns(
  runs: readonly (() => unknown)[],
  { rounds = 9, milliseconds = 500 }: InTurnsOptions = {},
): Promise<Times[]> {
  const times = runs.map((): number[] => []);
  // Compilers of the engine take over after some runs.
  for (const run of runs) {
    const begin = performance.now();
    for (let i = 0; i < 30 && performance.now() - begin < 200; i++) await run();
  }
  const begin = performance.now();
  for (let round = 0; round < rounds || (round < 20_000 && performance.now() - begin < milliseconds); round++) {
    for (const [i, run] of runs.entries()) {
      const start = performance.now();
      const result = run();
      if (result instanceof Promise) await result;
      times[i]?.push(performance.now() - start);
    }
  }
  return times.map((list) => {
    const sorted = list.sort((a, b) => a - b);
    return { min: sorted[0] as number, median: sorted[sorted.length >> 1] as number };
  });
}
