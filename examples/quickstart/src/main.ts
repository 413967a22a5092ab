import { mkdir, writeFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { type PredictionSet, reliabilityBins, topLabels } from "@parsimony/conformal";
import { type Tensor, flattenTree, isTensor, random, softmax, spec, trace } from "@parsimony/core-tensor";
import { writeOnnx } from "@parsimony/core-tensor/onnx";
import { writeSafetensors } from "@parsimony/core-tensor/safetensors";
import { openBackend } from "./backends.ts";
import { type Data, type MethodResult, curve, evaluate, methods } from "./evaluate.ts";
import { logits } from "./lenet.ts";
import { type Digits, loadMnist, pixels, selectDigits } from "./mnist.ts";
import { type Options, readOptions, usage } from "./options.ts";
import { type Probabilities, accuracy, predict } from "./predict.ts";
import { showProgress } from "./progress.ts";
import { type Example, renderReport } from "./report.ts";
import { chunkSteps, train } from "./train.ts";

/** Images of the training part that are kept back to calibrate on: the usual 50,000 + 10,000. */
const calibrationCount = 10_000;
const ambiguousCount = 24;

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;

async function run(options: Options): Promise<void> {
  const { alpha, seed } = options;
  const backend = await openBackend(options.backend);
  const { train: all, test } = await loadMnist();
  const order = random.permutation(random.foldIn(random.key(seed), 1), all.count).dataSync() as Int32Array;
  const training = selectDigits(all, order.subarray(calibrationCount));
  const calibration = selectDigits(all, order.subarray(0, calibrationCount));
  console.log(`LeNet-300-100 on MNIST, engine ${backend.name} (${backend.device}), seed ${seed}`);

  const { params, losses, steps, seconds } = await train({
    backend,
    digits: training,
    epochs: options.epochs,
    seed,
    onProgress: showProgress(process.stdout),
  });
  const calibrationRows = await predict(backend, params, calibration);
  const testRows = await predict(backend, params, test);
  await backend.dispose();
  const testAccuracy = accuracy(testRows, test.labels);
  console.log(`test accuracy ${percent(testAccuracy)} after ${steps} steps`);

  const data: Data = { calibrationRows, calibration, testRows, test };
  const results = methods.map((method) => evaluate(method, data, alpha, seed));
  for (const result of results) console.log(describe(result, alpha));
  const { confidences, outcomes } = topLabels(testRows, test.labels);
  const ambiguous = mostAmbiguous(test, testRows, results.find(({ name }) => name === "APS")?.sets ?? []);
  for (const { label, set } of ambiguous.slice(0, 5)) console.log(`  a ${label} with the set {${set.join(", ")}}`);

  const output = resolve(options.output);
  await mkdir(output, { recursive: true });
  const program = trace(
    function lenet(images: Tensor) {
      return { probabilities: softmax(logits(params, images)) };
    },
    spec(["batch", pixels], "uint8", "images"),
  );
  const { leaves, paths } = flattenTree(params, isTensor);
  const files: Record<string, string | Uint8Array> = {
    "index.html": renderReport({
      backend: `${backend.name} (${backend.device})`,
      seed,
      epochs: options.epochs,
      seconds,
      imagesPerSecond: (options.epochs * training.count) / seconds,
      losses,
      stepsPerPoint: chunkSteps,
      accuracy: testAccuracy,
      trained: training.count,
      calibrated: calibration.count,
      tested: test.count,
      alpha,
      results,
      curve: curve(data),
      reliability: reliabilityBins(confidences, outcomes),
      ambiguous,
    }),
    "lenet-300-100.onnx": writeOnnx(program),
    "lenet-300-100.safetensors": writeSafetensors(Object.fromEntries(leaves.map((leaf, i) => [paths[i], leaf])), {
      metadata: { model: "LeNet-300-100", seed: String(seed) },
    }),
  };
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(output, name), content);
    console.log(`wrote ${relative(process.cwd(), join(output, name))}`);
  }
}

function describe({ name, coverage, expected, meanSize, byClass }: MethodResult, alpha: number): string {
  const range = expected === undefined ? "" : `, expected ${percent(expected.lower)} to ${percent(expected.upper)}`;
  const worst = Math.min(...byClass.map((group) => group.coverage));
  return (
    `${name}: coverage ${percent(coverage)} (promised >= ${percent(1 - alpha)}${range}), ` +
    `${meanSize.toFixed(3)} labels per set, worst digit ${percent(worst)}`
  );
}

/** Test images with the largest sets; among equals those whose best label is the least probable. */
function mostAmbiguous(digits: Digits, { data }: Probabilities, sets: readonly PredictionSet[]): Example[] {
  const row = (at: number): Float32Array => data.subarray(at * 10, at * 10 + 10);
  const best = sets.map((_, at) => Math.max(...row(at)));
  return sets
    .map(({ labels }, at) => ({ set: labels, at }))
    .sort((a, b) => b.set.length - a.set.length || (best[a.at] as number) - (best[b.at] as number) || a.at - b.at)
    .slice(0, ambiguousCount)
    .map(({ set, at }) => ({
      pixels: digits.images.subarray(at * pixels, (at + 1) * pixels),
      label: digits.labels[at] as number,
      set,
      probabilities: [...row(at)],
    }));
}

let options: Options | undefined;
try {
  options = readOptions(process.argv.slice(2), join(import.meta.dirname, "../../../reports/quickstart"));
} catch (error) {
  console.error(`${(error as Error).message}\n\n${usage}`);
  process.exit(2);
}
if (options === undefined) console.log(usage);
else await run(options);
