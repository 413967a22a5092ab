import { ConformalError } from "../../base/errors.ts";
import { encodeNumbers, readList, readNumbers, readRecord } from "../../base/savedRecord.ts";
import type { Betting, BettingProcess } from "./betting.ts";
import { powerBetting } from "./powerBetting.ts";

const powers = (): Betting[] => Array.from({ length: 10 }, (_, k) => powerBetting((k + 1) / 10));

/**
 * Splits the capital evenly among several bettings, each of which runs on by itself: the martingale is the mean of
 * theirs, so it grows as fast as the best of them up to a constant factor.
 *
 * @param bettings at least one. Default: `powerBetting` with 0.1, 0.2, ..., 1
 * @throws ConformalError E_RANGE
 */
export function mixtureBetting(bettings: readonly Betting[] = powers()): Betting {
  if (bettings.length === 0) throw new ConformalError("E_RANGE", "mixtureBetting: needs at least one betting");
  const name = `mixture(${bettings.map((betting) => betting.name).join(",")})`;
  return Object.freeze({ name, start: (state?: unknown) => start(name, bettings, state) });
}

function start(name: string, bettings: readonly Betting[], state: unknown): BettingProcess {
  const count = bettings.length;
  const saved = state === undefined ? undefined : readRecord(name, "the state", state);
  const states = saved === undefined ? undefined : readList(name, "states", saved["states"]);
  // The martingale of each betting, in logarithms, with the largest taken out.
  const logs = saved === undefined ? new Float64Array(count) : readNumbers(name, "logs", saved["logs"]);
  if (logs.length !== count || (states !== undefined && states.length !== count)) {
    throw new ConformalError("E_JSON", `${name}: the state is of another mixture`);
  }
  const processes = bettings.map((betting, k) => betting.start(states?.[k]));
  return Object.freeze({
    step(p: number): number {
      const before = logSum(logs);
      processes.forEach((process, k) => {
        logs[k] = (logs[k] as number) + process.step(p);
      });
      const factor = logSum(logs) - before;
      const largest = logs.reduce((a, b) => Math.max(a, b));
      for (let k = 0; k < count; k++) logs[k] = (logs[k] as number) - largest;
      return factor;
    },
    state: () => ({ logs: encodeNumbers(logs), states: processes.map((process) => process.state()) }),
  });
}

/** The logarithm of a sum of exponentials, of which at least one is finite. */
function logSum(logs: Float64Array): number {
  const largest = logs.reduce((a, b) => Math.max(a, b));
  let sum = 0;
  for (const log of logs) sum += Math.exp(log - largest);
  return largest + Math.log(sum);
}
