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

export interface Found {
  readonly net: MobileNet;
  readonly finalists: readonly Finalist[];
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
 * One evolution for each resolution, by a score that needs no training: multiply-accumulates, which order networks of one resolution well
 * (`proxies.ts`). Scores cannot compare resolutions, so the best of each is trained shortly, and the one with the most accuracy
 * on validation canvases is taken.
 */
export async function searchNetwork(task: SearchTask): Promise<Found> {
  const { schedule, bytes, settings, train, validation, backend, results, log } = task;
  const { population, parents, generations, flashBytes, macs, batch, finalistSteps: steps } = settings;
  const finalists: Finalist[] = [];
  let evaluations = 0;
  for (const resolution of resolutions) {
    const name = `${schedule}-${bytes}-${resolution}`;
    const finalist = await results.once(`finalist-${name}`, async () => {
      const space = fashionSpace(schedule, bytes, resolution);
      const constraints = { memoryBytes: bytes, flashBytes, macs };
      const found = await evolve({
        space,
        constraints,
        population,
        parents,
        generations,
        seed: 1,
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
    evaluations += finalist.evaluations;
  }
  const [first, ...others] = finalists;
  if (first === undefined) throw new Error(`no network fits ${bytes} bytes`);
  const best = others.reduce((a, b) => (b.accuracy > a.accuracy ? b : a), first);
  return { net: best.net, finalists, evaluations };
}
