import { type Backend, random } from "@parsimony/core-tensor";
import { networkOf } from "@parsimony/patch-infer";
import {
  type EvolutionState,
  type MobileNet,
  activationPatternScore,
  evolve,
  initMobileNet,
  mobileNetGraph,
} from "@parsimony/patch-infer/architecture";
import { type Clothes, canvasSize, drawCanvases, resizeCanvases } from "./canvases.ts";
import type { Results } from "./jobs.ts";
import type { Settings } from "./settings.ts";
import { type Schedule, fashionSpace } from "./spaces.ts";
import { accuracy, trainMobileNet } from "./train.ts";

/** What the search chose among, from the best by the proxy. */
export interface Finalist {
  readonly net: MobileNet;
  readonly proxy: number;
  /** On validation canvases after a short training. */
  readonly accuracy: number;
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

/** Images of the proxy. */
const proxyImages = 24;

/**
 * Evolution by a proxy that needs no training, then a short training of the best few by it: the one with the most accuracy on
 * validation canvases is taken.
 */
export async function searchNetwork(task: SearchTask): Promise<Found> {
  const { schedule, bytes, settings, train, validation, backend, results, log } = task;
  const name = `${schedule}-${bytes}`;
  const space = fashionSpace(schedule, bytes);
  const places = Int32Array.from({ length: proxyImages }, (_, i) => i);
  const canvases = drawCanvases(train, places, 7);
  const stored = await results.get<EvolutionState>(`evolution-${name}`);
  const { population, parents, generations } = settings;
  const { state, evaluations } = await evolve({
    space,
    constraints: { memoryBytes: bytes, flashBytes: settings.flashBytes, macs: settings.macs },
    population,
    parents,
    generations,
    seed: 1,
    ...(stored === undefined ? {} : { resume: stored }),
    evaluate: ({ genes }) => proxyOf(space.netOf(genes), canvases),
    onProgress: async (progress, now) => {
      log(`${name} generation ${progress.generation}: ${progress.best.score.toFixed(1)}`);
      await results.put(`evolution-${name}`, now);
    },
  });
  const ranked = [...state.scored].sort((a, b) => b.score - a.score).slice(0, settings.finalists);
  const finalists: Finalist[] = [];
  for (const [i, { genes, score }] of ranked.entries()) {
    const net = space.netOf(genes);
    const finalist = await results.once(`finalist-${name}-${i}`, async (): Promise<Finalist> => {
      const options = { backend, steps: settings.finalistSteps, batch: settings.batch, seed: 100 };
      const params = await trainMobileNet(net, train, options);
      const reached = await accuracy(net, params, validation, { backend, images: Math.min(2000, settings.testImages) });
      return { net, proxy: score, accuracy: reached };
    });
    log(`${name} finalist ${i}: proxy ${finalist.proxy.toFixed(1)}, accuracy ${finalist.accuracy.toFixed(3)}`);
    finalists.push(finalist);
  }
  const best = finalists.reduce((a, b) => (b.accuracy > a.accuracy ? b : a));
  return { net: best.net, finalists, evaluations };
}

function proxyOf(net: MobileNet, canvases: Uint8Array): number {
  const network = networkOf(mobileNetGraph(net, initMobileNet(net, random.key(1))));
  const images = resizeCanvases(canvases, net.resolution);
  const cells = net.resolution ** 2;
  const count = canvases.length / canvasSize ** 2;
  const inputs = Array.from({ length: count }, (_, i) => images.subarray(i * cells, (i + 1) * cells));
  return activationPatternScore(network, { seed: 1, inputs });
}
