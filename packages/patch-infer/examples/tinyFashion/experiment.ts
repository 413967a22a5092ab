import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Backend, Tensor } from "@parsimony/core-tensor";
import { readSafetensors, writeSafetensors } from "@parsimony/core-tensor/safetensors";
import type { ConvParams } from "@parsimony/core-tensor/nn";
import { type MobileNet, type MobileNetParams, flashBytesOf } from "@parsimony/patch-infer/architecture";
import { loadClothes } from "./canvases.ts";
import { type Int8Result, int8Result } from "./int8.ts";
import { Results } from "./jobs.ts";
import { type Finalist, searchNetwork } from "./search.ts";
import type { Settings } from "./settings.ts";
import { type Schedule, shrunkByHand } from "./spaces.ts";
import { accuracy, trainMobileNet } from "./train.ts";

/** How a network was found. */
export type Method = "joint" | "layers" | "by hand";

/** A network of the comparison and what became of it, seed by seed. */
export interface Row {
  readonly method: Method;
  readonly budget: number;
  readonly net: MobileNet;
  readonly flashBytes: number;
  readonly evaluations: number;
  readonly finalists: readonly Finalist[];
  readonly runs: readonly Run[];
}

export interface Run {
  readonly seed: number;
  /** On test canvases. */
  readonly float: number;
  readonly int8: Int8Result;
  /** Mean training loss of the last tenth. */
  readonly loss: number;
}

export interface ExperimentContext {
  /** Where results are kept. */
  readonly folder: string;
  readonly backend: Backend;
  readonly log: (line: string) => void;
}

/** Finds and trains every network; seeds in the outer loop, so that a run that is stopped early has compared all of them. */
export async function runExperiment(settings: Settings, { folder, backend, log }: ExperimentContext): Promise<Row[]> {
  const { train, validation, test } = await loadClothes();
  const results = new Results(folder);
  const found: Omit<Row, "runs">[] = [];
  for (const budget of settings.budgets) {
    const bytes = budget * 1024;
    const net = shrunkByHand(bytes, settings);
    found.push({ method: "by hand", budget, net, flashBytes: flashBytesOf(net), evaluations: 0, finalists: [] });
    for (const method of ["layers", "joint"] as const) {
      const schedule = scheduleOf(method);
      const task = { schedule, bytes, settings, train, validation, backend, results, log };
      const choice = await searchNetwork(task);
      found.push({ method, budget, flashBytes: flashBytesOf(choice.net), ...choice });
    }
  }
  const runs = found.map((): Run[] => []);
  for (const seed of settings.seeds) {
    for (const [i, { method, budget, net }] of found.entries()) {
      const name = `${method.replace(" ", "-")}-${budget}-${seed}`;
      const run = await results.once(`run-${name}`, async (): Promise<Run> => {
        const losses: number[] = [];
        const started = performance.now();
        const params = await trainMobileNet(net, train, {
          backend,
          steps: settings.steps,
          batch: settings.batch,
          seed,
          onProgress: (_, loss) => losses.push(loss),
        });
        log(`${name}: trained in ${((performance.now() - started) / 1000).toFixed(0)} s`);
        await save(join(folder, `${name}.safetensors`), params);
        const images = settings.testImages;
        const int8 = int8Result(net, params, {
          schedule: scheduleOf(method),
          bytes: budget * 1024,
          train,
          test,
          images,
        });
        const last = losses.slice(-Math.ceil(losses.length / 10));
        const loss = last.reduce((sum, value) => sum + value, 0) / last.length;
        return { seed, float: await accuracy(net, params, test, { backend, images }), int8, loss };
      });
      log(`${name}: float ${run.float.toFixed(4)}, int8 ${run.int8.accuracy.toFixed(4)}, arena ${run.int8.arenaBytes}`);
      (runs[i] as Run[]).push(run);
    }
  }
  return found.map((row, i) => ({ ...row, runs: runs[i] as Run[] }));
}

const scheduleOf = (method: Method): Schedule => (method === "joint" ? "patches" : "layers");

async function save(path: string, params: MobileNetParams): Promise<void> {
  const flat: Record<string, Tensor> = {};
  for (const [name, { weight, bias }] of Object.entries(params)) {
    flat[`${name}.weight`] = weight;
    if (bias !== undefined) flat[`${name}.bias`] = bias;
  }
  await mkdir(join(path, ".."), { recursive: true });
  await writeFile(`${path}.part`, writeSafetensors(flat));
  await rename(`${path}.part`, path);
}

/** The parameters that `runExperiment` kept of a run. */
export async function load(path: string): Promise<MobileNetParams> {
  const params: Record<string, { weight?: Tensor; bias?: Tensor }> = {};
  for (const [name, value] of Object.entries(readSafetensors(await readFile(path)).tensors)) {
    const at = name.lastIndexOf(".");
    params[name.slice(0, at)] = { ...params[name.slice(0, at)], [name.slice(at + 1)]: value };
  }
  return params as Record<string, ConvParams>;
}
