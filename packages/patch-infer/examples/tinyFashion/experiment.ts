import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Backend, type Tensor, fingerprintText } from "@parsimony/core-tensor";
import { readSafetensors, writeSafetensors } from "@parsimony/core-tensor/safetensors";
import type { ConvParams } from "@parsimony/core-tensor/nn";
import { type MobileNet, type MobileNetParams, flashBytesOf, shapeNetwork } from "@parsimony/patch-infer/architecture";
import { type Clothes, loadClothes } from "./canvases.ts";
import { type Int8Result, int8Result } from "./int8.ts";
import { Results } from "./jobs.ts";
import { type Finalist, searchNetwork } from "./search.ts";
import type { Settings } from "./settings.ts";
import { type Schedule, planWithin, shrunkByHand } from "./spaces.ts";
import { accuracy, trainMobileNet } from "./train.ts";

/** How a network was found. */
export type Method = "joint" | "layers" | "by hand";

/** A network of the comparison and what became of it, seed by seed. */
export interface Row {
  readonly method: Method;
  readonly budget: number;
  readonly net: MobileNet;
  readonly flashBytes: number;
  /** Of all searches together. */
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
  const finalists: Finalist[] = [];
  let evaluations = 0;
  for (const budget of settings.budgets) {
    for (const schedule of ["layers", "patches"] as const) {
      const task = { schedule, bytes: budget * 1024, settings, train, validation, backend, results, log };
      const found = await searchNetwork(task);
      finalists.push(...found);
      evaluations += found.reduce((sum, finalist) => sum + finalist.evaluations, 0);
    }
  }
  const found = settings.compared.flatMap((budget): Omit<Row, "runs">[] => {
    const bytes = budget * 1024;
    const row = (method: Method, net: MobileNet): Omit<Row, "runs"> => {
      return { method, budget, net, flashBytes: flashBytesOf(net), evaluations, finalists };
    };
    return [
      row("layers", choose(finalists, "layers", bytes, settings)),
      row("joint", choose(finalists, "patches", bytes, settings)),
      row("by hand", shrunkByHand(bytes, settings)),
    ];
  });
  const runs = found.map((): Run[] => []);
  for (const seed of settings.seeds) {
    for (const [i, { method, budget, net }] of found.entries()) {
      const trained = await trainedNet({ net, seed, settings, folder, train, test, backend, results, log });
      const schedule = scheduleOf(method);
      const task = { schedule, bytes: budget * 1024, train, test, images: settings.testImages };
      const int8 = await results.once(`int8-${budget}-${schedule}-${trained.name}`, async () =>
        int8Result(net, await load(join(folder, `${trained.name}.safetensors`)), task),
      );
      log(`${method} ${budget} kB: float ${trained.float}, int8 ${int8.accuracy}, arena ${int8.arenaBytes}`);
      (runs[i] as Run[]).push({ seed, float: trained.float, loss: trained.loss, int8 });
    }
  }
  return found.map((row, i) => ({ ...row, runs: runs[i] as Run[] }));
}

/**
 * Of all that was on a short list, whatever search it came from, the most accurate network that fits this schedule and budget. So no
 * schedule can lose because its own search was unlucky where another one was not.
 */
function choose(finalists: readonly Finalist[], schedule: Schedule, bytes: number, { macs }: Settings): MobileNet {
  const fitting = finalists.filter(({ net }) => {
    const plan = planWithin(shapeNetwork(net), schedule, bytes);
    return plan !== null && plan.macs.plan <= macs;
  });
  const [first, ...others] = fitting;
  if (first === undefined) throw new Error(`no network fits ${bytes} bytes`);
  return others.reduce((a, b) => (b.accuracy > a.accuracy ? b : a), first).net;
}

interface Trained {
  readonly name: string;
  readonly float: number;
  readonly loss: number;
}

/** Trains a network, unless that was done: rows with the same network share its training. */
function trainedNet(task: {
  readonly net: MobileNet;
  readonly seed: number;
  readonly settings: Settings;
  readonly folder: string;
  readonly train: Clothes;
  readonly test: Clothes;
  readonly backend: Backend;
  readonly results: Results;
  readonly log: (line: string) => void;
}): Promise<Trained> {
  const { net, seed, settings, folder, train, test, backend, results, log } = task;
  const name = `${fingerprintText(JSON.stringify(net)).slice(0, 12)}-${seed}`;
  return results.once(`trained-${name}`, async () => {
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
    const last = losses.slice(-Math.ceil(losses.length / 10));
    const loss = last.reduce((sum, value) => sum + value, 0) / last.length;
    return { name, float: await accuracy(net, params, test, { backend, images: settings.testImages }), loss };
  });
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
