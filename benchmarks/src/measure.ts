import { setTimeout as pause } from "node:timers/promises";
import type { Contender } from "./contender.ts";
import { type Spread, spread } from "./statistics.ts";

export interface MeasureOptions {
  /** Times that each contender has its turn. */
  readonly rounds: number;
  /** About how long a turn takes; a slow contender does one call per turn. */
  readonly turnMs: number;
  /** A contender that is so slow that its turns would take longer than this has fewer of them, but at least three. */
  readonly budgetMs: number;
  /** Rest before each turn, in which the threads of the one before fall asleep. */
  readonly restMs: number;
}

interface Player {
  readonly contender: Contender;
  readonly callsPerTurn: number;
  readonly turns: number;
  readonly samples: number[];
}

/**
 * Milliseconds per step of each contender. They take turns (A, B, C, A, B, C, ...), so that a change in the load of the
 * machine meets all of them; a sample is the mean over one turn, after a call that is not timed.
 */
export async function measure(contenders: readonly Contender[], options: MeasureOptions): Promise<Map<string, Spread>> {
  const players: Player[] = [];
  for (const contender of contenders) players.push(await warmUp(contender, options));
  for (let round = 0; round < options.rounds; round++) {
    for (const { contender, callsPerTurn, turns, samples } of players) {
      // Those with fewer turns have them evenly over the rounds.
      if (Math.floor(((round + 1) * turns) / options.rounds) === Math.floor((round * turns) / options.rounds)) continue;
      await pause(options.restMs);
      if (callsPerTurn > 1) await contender.time(1);
      samples.push((await contender.time(callsPerTurn)) / (callsPerTurn * contender.stepsPerCall));
    }
  }
  return new Map(players.map(({ contender, samples }) => [contender.name, spread(samples)]));
}

/** Two calls to warm up, the second of which says how many fit into a turn. */
async function warmUp(contender: Contender, { rounds, turnMs, budgetMs }: MeasureOptions): Promise<Player> {
  await contender.time(1);
  let perCall = await contender.time(1);
  if (perCall < turnMs / 4) perCall = (await contender.time(4)) / 4;
  const callsPerTurn = Math.max(1, Math.min(1000, Math.round(turnMs / perCall)));
  const turns = Math.max(3, Math.min(rounds, Math.floor(budgetMs / (perCall * callsPerTurn))));
  return { contender, callsPerTurn, turns: Math.min(turns, rounds), samples: [] };
}
