// Bytes of LeNet-300-100, pruned by magnitude and trained on, in every format and file, with and without gzip:
//   node --conditions=@parsimony/source --import tsx packages/lottery/bench/size.ts
import { gzipSync } from "node:zlib";
import {
  type Graph,
  type HostTensor,
  type Tensor,
  add,
  div,
  cast,
  matmul,
  random,
  relu,
  spec,
  trace,
  zeros,
} from "@parsimony/core-tensor";
import { adam } from "@parsimony/core-tensor/optim";
import { writeOnnx } from "@parsimony/core-tensor/onnx";
import { writeSafetensors } from "@parsimony/core-tensor/safetensors";
import {
  type JitTrainer,
  type LabelledBatch,
  type Mask,
  type Named,
  applyMask,
  classification,
  jitTrainer,
  onesMask,
  pruneByMagnitude,
} from "@parsimony/lottery";
import {
  chooseFormat,
  csrBytes,
  csrFromDense,
  sparseCandidates,
  writeSparseOnnx,
  writeSparseSafetensors,
} from "@parsimony/lottery/sparse";
import { examples, loadMnist, select, shuffled } from "../examples/shared/images.ts";

const layers: Readonly<Record<string, readonly [number, number]>> = {
  hidden1: [784, 300],
  hidden2: [300, 100],
  output: [100, 10],
};
const densities = [0.5, 0.2, 0.1, 0.05, 0.036, 0.02, 0.01];

function init(key: random.Key): Record<string, Tensor> {
  const keys = random.split(key, 3);
  return Object.fromEntries(
    Object.entries(layers).flatMap(([name, [inputs, outputs]], i) => [
      [
        `${name}.weight`,
        random.normal(keys[i] as random.Key, [inputs, outputs], { std: Math.sqrt(2 / (inputs + outputs)) }),
      ],
      [`${name}.bias`, zeros([outputs])],
    ]),
  );
}

function logits(params: Readonly<Record<string, Tensor>>, images: Tensor): Tensor {
  const layer = (x: Tensor, name: string): Tensor =>
    add(matmul(x, params[`${name}.weight`] as Tensor), params[`${name}.bias`] as Tensor);
  const x = div(cast(images, "float32"), 255);
  return layer(relu(layer(relu(layer(x, "hidden1")), "hidden2")), "output");
}

async function trainer(): Promise<JitTrainer> {
  const { train, test } = await loadMnist();
  const places = shuffled(train.count);
  return jitTrainer<Record<string, Tensor>, LabelledBatch>({
    init,
    objective: classification(logits),
    optimizer: adam(1.2e-3),
    data: {
      train: examples(select(train, places.subarray(0, 55_000))),
      validation: examples(select(train, places.subarray(55_000))),
      test: examples(test),
    },
    steps: 3000,
  });
}

const gzip = (bytes: Uint8Array): number => gzipSync(bytes, { level: 9 }).length;
const grouped = (value: number): string => value.toLocaleString("en-US");
const row = (cells: readonly (string | number)[]): void => {
  console.log(`| ${cells.map((cell) => (typeof cell === "number" ? grouped(cell) : cell)).join(" | ")} |`);
};

/** One matrix in every format. */
function printMatrix(density: number, weights: HostTensor, mask: HostTensor): void {
  const data = weights.dataSync() as Float32Array;
  const kept = mask.dataSync() as Uint8Array;
  const { name, bytes } = chooseFormat(data, 784, 300, { mask: kept });
  const csr = csrFromDense(data, 784, 300, kept);
  const wide = csrBytes({ ...csr, columnIndex: Uint32Array.from(csr.columnIndex) });
  const columns = Object.keys(sparseCandidates).filter((each) => each !== "dense" && !each.startsWith("nm"));
  row([String(density), csr.values.length, wide, ...columns.map((each) => bytes[each] as number), name]);
}

/** The whole network in files. */
function printFiles(density: number, params: Named, mask: Mask): void {
  const masked = applyMask(params, mask);
  const graph: Graph = trace((x: Tensor) => logits(params, x), spec(["batch", 784], "uint8", "x"));
  // A traced program has names of its own for its constants; the shapes of these three differ.
  const named: Mask = Object.fromEntries(
    Object.entries(graph.constants).flatMap(([name, { shape }]) => {
      const entry = Object.values(mask).find((each) => each.shape.join() === shape.join());
      return entry === undefined ? [] : [[name, entry]];
    }),
  );
  const csr = Object.fromEntries(Object.keys(mask).map((name) => [name, "csr" as const]));
  const files = [
    writeSafetensors(masked),
    writeSparseSafetensors(params, { mask, formats: csr }),
    writeSparseSafetensors(params, { mask }),
    writeOnnx({ ...graph, constants: applyMask(graph.constants, named) }),
    writeSparseOnnx(graph, named),
  ];
  row([String(density), ...files.flatMap((file) => [file.length, gzip(file)])]);
}

const net = await trainer();
const start = await net.begin(await net.init(1));
const dense = (await net.advance(start, onesMask(start.params), 1500, 1)).params;
const nets: { readonly density: number; readonly params: Named; readonly mask: Mask; readonly accuracy: number }[] = [];
for (const density of densities) {
  const mask = pruneByMagnitude(dense, onesMask(dense), { density });
  const again = await net.begin(applyMask(dense, mask));
  const { params } = await net.advance(again, mask, 500, 2);
  const { accuracy } = await net.evaluate(params, "test");
  nets.push({ density, params, mask, accuracy: accuracy as number });
}
await net.dispose();

console.log("\nLeNet-300-100 on MNIST: 1,500 steps, pruned once by magnitude, 500 steps more");
for (const { density, accuracy } of nets) console.log(`density ${density}: test accuracy ${accuracy.toFixed(4)}`);
console.log("\nhidden1.weight, 784 x 300, bytes (dense 940,800)\n");
row([
  "density",
  "kept",
  "csr u32",
  ...Object.keys(sparseCandidates).filter((each) => each !== "dense" && !each.startsWith("nm")),
  "least",
]);
for (const { density, params, mask } of nets) {
  printMatrix(density, params["hidden1.weight"] as HostTensor, mask["hidden1.weight"] as HostTensor);
}
console.log("\nthe network's files, bytes, each followed by its gzip -9\n");
row([
  "density",
  "dense safetensors",
  "gz",
  "CSR safetensors",
  "gz",
  "least safetensors",
  "gz",
  "dense ONNX",
  "gz",
  "sparse ONNX",
  "gz",
]);
for (const { density, params, mask } of nets) printFiles(density, params, mask);
