import { tensor } from "@parsimony/core-tensor";
import { type JobResult, LotteryError, type Mask, type SweepResult, findTickets } from "../../src/index.ts";
import type { LevelResult, TicketReport } from "../../src/index.ts";
import { sweepResultsOf } from "../../src/report/index.ts";
import { type Node, pathPoints } from "../../../../scripts/vitest/xml.ts";
import { tinyTrainer } from "../tickets/tinyTrainer.ts";

/** Tickets of the tiny net with a control, as `findTickets` gives them. */
export async function tinyReport(seed: number): Promise<TicketReport> {
  const experiment = findTickets(tinyTrainer({ drawn: true, steps: 20 }), {
    rounds: 3,
    seed,
    rate: 0.3,
    evalEvery: 5,
    testEvery: 10,
    controls: [{ kind: "reinit", levels: [1, 3], trials: 2 }],
  });
  for (;;) {
    const next = await experiment.next();
    if (next.done === true) return next.value;
  }
}

/** A run of one hundred weights in two layers that has these test accuracies, and loses `loss` at steps 0, 10, 20. */
export interface HandRun {
  readonly kept: number;
  readonly early: number;
  readonly final: number;
  readonly step: number;
  readonly loss: readonly [number, number, number];
}

export function level(number: number, { kept, early, final, step, loss }: HandRun): LevelResult {
  const metrics = (accuracy: number, at = 2): { loss: number; accuracy: number } => ({
    loss: loss[at] as number,
    accuracy,
  });
  const params = {};
  return {
    level: number,
    density: {
      kept,
      size: 100,
      density: kept / 100,
      tensors: {
        a: { kept: kept - 10, size: 90, density: (kept - 10) / 90 },
        b: { kept: 10, size: 10, density: 1 },
      },
    },
    mask: {},
    ticket: { mask: {}, state: { step: 0, params, optimizer: {} } },
    dataSeed: 0,
    controls: [],
    curve: [0, 1, 2].map((i) => ({
      step: 10 * i,
      validation: metrics(early, i),
      ...(i === 1 ? {} : { test: metrics(final, i) }),
    })),
    earlyStop: { step, validation: metrics(early), test: metrics(early) },
    final: { step: 20, validation: metrics(final), test: metrics(final) },
  };
}

/** Two seeds with levels at densities 1, 0.5 and 0.1, and a control that fails at the last one. */
export const handResults: SweepResult<JobResult>[] = sweepResultsOf(
  [0, 0.01].map((more, seed) => {
    const control = {
      ...level(2, { kept: 10, early: 0.3 + more, final: 0.2, step: 20, loss: [2, 1.5, 1.2] }),
      control: "reinit",
      trial: 0,
      seed: 7,
    };
    return {
      seed,
      levels: [
        level(0, { kept: 100, early: 0.9 + more, final: 0.88 + more, step: 10, loss: [2, 0.4, 0.5] }),
        level(1, { kept: 50, early: 0.92 + more, final: 0.9 + more, step: 10, loss: [2, 0.3 - 10 * more, 0.4] }),
        {
          ...level(2, { kept: 10, early: 0.87 + more, final: 0.87 + more, step: 20, loss: [2, 0.8, 0.6] }),
          controls: [control],
        },
      ],
    };
  }),
);

/** A mask of one tensor. */
export function maskOf(name: string, shape: readonly number[], kept: readonly number[]): Mask {
  return { [name]: tensor(Uint8Array.from(kept), { shape, dtype: "bool" }) };
}

/** The points of the lines (or marks) that have a class, without the samples of the legend, which are 16 pixels wide. */
export function linesOf(all: readonly Node[], name: string): [number, number][][] {
  return all
    .filter(({ attributes }) => attributes["class"] === name && !/h16$/.test(attributes["d"] ?? ""))
    .map(({ attributes }) => pathPoints(attributes["d"] ?? ""));
}

/** Code of the LotteryError that a call throws. */
export function codeOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof LotteryError) return error.code;
    throw error;
  }
  throw new Error("nothing was thrown");
}
