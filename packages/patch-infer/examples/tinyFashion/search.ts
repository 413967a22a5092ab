import type { Backend } from "@parsimony/core-tensor";
import { PatchInferError } from "@parsimony/patch-infer";
import { type Costs, type MobileNet, evolve, shapeNetwork, weightedMacs } from "@parsimony/patch-infer/architecture";
import type { Clothes } from "./canvases.ts";
import type { Results } from "./jobs.ts";
import type { Settings } from "./settings.ts";
import { type Schedule, fashionSpace, resolutions } from "./spaces.ts";
import { accuracy, trainMobileNet } from "./train.ts";

/** The best network of one resolution by the score. */
export interface Finalist {
  readonly net: MobileNet;
  readonly costs: Costs;
  /** On validation canvases after a short training. */
  readonly accuracy: number;
  /** Candidates that were scored for it. */
  readonly evaluations: number;
}

export interface SearchTask {
  readonly schedule: Schedule;
  readonly bytes: number;
  readonly settings: Settings;
  readonly train: Clothes;
  readonly validation: Clothes;
  readonly backend: Backend;
  readonly results: Results;
  readonly log: (line: string) => void;
}

/**
 * Evolutions for each resolution, by a score that needs no training: multiply-accumulates, which order networks of one resolution well
 * (`proxies.ts`). Scores cannot compare resolutions, so the best of each is trained shortly: a short list, with accuracy on
 * validation canvases.
 */
export async function searchNetwork(task: SearchTask): Promise<Finalist[]> {
  const { schedule, bytes, settings, train, validation, backend, results, log } = task;
  const { population, parents, generations, flashBytes, macs, batch, finalistSteps: steps, rounds } = settings;
  const finalists: Finalist[] = [];
  for (const [resolution, round] of resolutions.flatMap((each) => rounds.map((seed) => [each, seed] as const))) {
    const name = `${schedule}-${bytes}-${resolution}${round === 1 ? "" : `-${round}`}`;
    const finalist = await results.once(`finalist-${name}`, async () => {
      const space = fashionSpace(schedule, bytes, resolution);
      const constraints = { memoryBytes: bytes, flashBytes, macs };
      const found = await evolve({
        space,
        constraints,
        population,
        parents,
        generations,
        seed: round,
        tries: 200,
        evaluate: ({ genes }) => weightedMacs(shapeNetwork(space.netOf(genes))),
      }).catch((error: unknown) => {
        if (error instanceof PatchInferError && error.code === "BUDGET_INFEASIBLE") return undefined;
        throw error;
      });
      if (found === undefined) return null;
      const net = space.netOf(found.best.genes);
      const params = await trainMobileNet(net, train, { backend, steps, batch, seed: 100 });
      const reached = await accuracy(net, params, validation, { backend, images: Math.min(2000, settings.testImages) });
      return { net, costs: found.best.costs, accuracy: reached, evaluations: found.evaluations };
    });
    if (finalist === null) {
      log(`${name}: nothing fits`);
      continue;
    }
    log(`${name}: ${JSON.stringify(finalist.costs)}, accuracy ${finalist.accuracy.toFixed(3)}`);
    finalists.push(finalist);
  }
  return finalists;
}
