// Sparse inference against dense: our kernels and onnxruntime-node, with one thread and with as many as it likes.
// Run: node --conditions=@parsimony/source --import tsx packages/lottery/bench/sparse.ts [part of a model's name [sparsity]]
import { cpus } from "node:os";
import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import {
  type Graph,
  type HostTensor,
  type Tensor,
  add,
  matmul,
  random,
  relu,
  spec,
  tensor,
} from "@parsimony/core-tensor";
import { writeOnnx } from "@parsimony/core-tensor/onnx";
import { modelGraph } from "@parsimony/lottery/compact";
import { type SparseModel, compileSparse } from "@parsimony/lottery/sparse";

const models: Readonly<Record<string, readonly number[]>> = {
  "100-10": [100, 10],
  "300-100": [300, 100],
  "784-300": [784, 300],
  "LeNet 784-300-100-10": [784, 300, 100, 10],
  "1024-1024": [1024, 1024],
  "4096-1024": [4096, 1024],
  "1024-4096": [1024, 4096],
};
const sparsities = process.argv[3] === undefined ? [0.5, 0.8, 0.9, 0.95, 0.98] : [Number(process.argv[3])];
const batches = [1, 8, 64];

type Layers = readonly { readonly weight: HostTensor; readonly bias: HostTensor }[];

/** Dense layers with relu between them and a share of weights, at random places, gone. */
function network(sizes: readonly number[], sparsity: number): Graph {
  const layers: Layers = sizes.slice(1).map((outputs, i) => {
    const inputs = sizes[i] as number;
    const values = (random.normal(random.key(i), [inputs, outputs]) as HostTensor).dataSync() as Float32Array;
    const coins = (random.uniform(random.key(100 + i), [inputs, outputs]) as HostTensor).dataSync();
    const scale = Math.sqrt(2 / inputs / (1 - sparsity));
    const weight = values.map((value, at) => ((coins[at] as number) < sparsity ? 0 : value * scale));
    return {
      weight: tensor(weight, { shape: [inputs, outputs] }),
      bias: random.normal(random.key(200 + i), [outputs]) as HostTensor,
    };
  });
  const forward = (params: Layers, x: Tensor): Tensor =>
    params.reduce((value: Tensor, { weight, bias }, i) => {
      const sum = add(matmul(value, weight), bias);
      return i === params.length - 1 && params.length > 1 ? sum : relu(sum);
    }, x);
  return modelGraph(forward, layers, spec(["batch", sizes[0] as number]));
}

interface Times {
  readonly min: number;
  readonly median: number;
}

/** Runs everything in turns, at least 30 times each, and gives the times in microseconds. */
async function inTurns(runs: readonly (() => unknown)[]): Promise<Times[]> {
  const times = runs.map((): number[] => []);
  for (const run of runs) for (let i = 0; i < 20; i++) await run();
  const begin = performance.now();
  for (let round = 0; round < 30 || (round < 400 && performance.now() - begin < 1500); round++) {
    for (const [i, run] of runs.entries()) {
      const start = performance.now();
      const result = run();
      if (result instanceof Promise) await result;
      times[i]?.push(1000 * (performance.now() - start));
    }
  }
  return times.map((list) => {
    const sorted = list.sort((a, b) => a - b);
    return { min: sorted[0] as number, median: sorted[sorted.length >> 1] as number };
  });
}

/** Throws unless two results are the same up to rounding. */
function compare(got: Float32Array, wanted: Float32Array): void {
  const scale = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const difference = got.reduce((most, value, i) => Math.max(most, Math.abs(value - (wanted[i] as number))), 0);
  if (!(difference <= 2e-5 * scale)) throw new Error(`results differ by ${difference} of ${scale}`);
}

const cell = ({ min, median }: Times): string => `${min.toFixed(1)} (${median.toFixed(1)})`;

async function measure(sizes: readonly number[], batch: number, sparsity: number): Promise<string> {
  const graph = network(sizes, sparsity);
  const bytes = writeOnnx(graph);
  const one = await InferenceSession.create(bytes, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const free = await InferenceSession.create(bytes);
  const size = batch * (sizes[0] as number);
  const x = (random.uniform(random.key(7), [size]) as HostTensor).dataSync() as Float32Array;
  const feed = { [one.inputNames[0] as string]: new OrtTensor("float32", x, [batch, sizes[0] as number]) };
  const dense = compileSparse(graph, {}, { layout: "dense" });
  const chosen = compileSparse(graph, {}, { batch, milliseconds: 300 });
  const wanted = (await one.run(feed))[one.outputNames[0] as string]?.data as Float32Array;
  for (const model of [dense, chosen]) compare(model.predict(x, batch).dataSync() as Float32Array, wanted);
  const runs = [
    () => one.run(feed),
    () => free.run(feed),
    () => dense.predict(x, batch),
    () => chosen.predict(x, batch),
  ];
  const [ortOne, ortFree, ours, sparse] = (await inTurns(runs)) as [Times, Times, Times, Times];
  await one.release();
  await free.release();
  const faster = [ortOne, ortFree, ours].map(({ min }) => `${(min / sparse.min).toFixed(1)}x`);
  const layouts = chosen.report.layers.map(({ layout }) => layout).join(", ");
  const times = [ortOne, ortFree, ours, sparse].map(cell);
  return `| ${[batch, `${100 * sparsity} %`, ...times, ...faster, layouts, limit(chosen, batch).toFixed(1)].join(" | ")} |`;
}

/** Bytes and multiply-adds per microsecond that the dense kernels reach at best on this machine. */
const rates = await measureRates();

async function measureRates(): Promise<{ bytes: number; products: number }> {
  const model = compileSparse(network([512, 256], 0.5), {}, { layout: "dense" });
  const x = new Float32Array(8 * 512).fill(0.5);
  const [one, eight] = (await inTurns([() => model.predict(x.subarray(0, 512), 1), () => model.predict(x, 8)])) as [
    Times,
    Times,
  ];
  return { bytes: (512 * 256 * 4) / one.min, products: (8 * 512 * 256) / eight.min };
}

/**
 * The time, in microseconds, below which the chosen layouts cannot go: their bytes (once for every eight examples) or their
 * multiply-adds at the best rates of the dense kernels.
 */
function limit({ report }: SparseModel, batch: number): number {
  return report.layers.reduce((sum, { survivors, layout, bytes }) => {
    return sum + Math.max((bytes[layout] * Math.ceil(batch / 8)) / rates.bytes, (survivors * batch) / rates.products);
  }, 0);
}

console.log(`${cpus()[0]?.model}, ${cpus().length} cores, Node ${process.version}. Microseconds: minimum (median).`);
console.log(
  `Dense kernels: ${(rates.bytes / 1000).toFixed(1)} GB/s, ${(rates.products / 1000).toFixed(1)} G multiply-adds/s.`,
);
for (const [name, sizes] of Object.entries(models)) {
  if (process.argv[2] !== undefined && !name.includes(process.argv[2])) continue;
  console.log(`\n${name}\n`);
  const columns = [
    "batch",
    "sparsity",
    "ort, 1 thread",
    "ort, default",
    "ours dense",
    "ours chosen",
    "vs ort 1",
    "vs ort default",
    "vs ours dense",
    "layouts",
    "limit",
  ];
  console.log(`| ${columns.join(" | ")} |\n| ${columns.map(() => "---").join(" | ")} |`);
  for (const batch of batches) for (const sparsity of sparsities) console.log(await measure(sizes, batch, sparsity));
}
