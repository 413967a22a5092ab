// A network from a file: read, looked into, run on two engines, and written as ONNX. It finds a face that is drawn here.
// Run: node --conditions=@parsimony/source --import tsx packages/core-tensor/examples/faces.ts
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type Tensor, interpret, sigmoid, tensor } from "@parsimony/core-tensor";
import { summarize } from "@parsimony/core-tensor/inspect";
import { readOnnx, writeOnnx } from "@parsimony/core-tensor/onnx";
import { onnxruntime } from "@parsimony/core-tensor/onnxruntime";
import { readTflite } from "@parsimony/core-tensor/tflite";

// BlazeFace (Bazarevsky et al. 2019) as MediaPipe ships it: 896 anchors, each with a score and the places of a face.
const path = createRequire(import.meta.url).resolve("@mediapipe/face_detection/face_detection_short_range.tflite");
const file = readFileSync(path);
const network = readTflite(file);
const { macs, parameters } = summarize(network);
console.log(
  `${network.nodes.length} nodes, ${parameters} parameters, ${(Number(macs) / 1e6).toFixed(1)} M multiply-accumulates`,
);

/** Discs with soft edges: centre, radii, colour. */
const discs = [
  [0.5, 0.42, 0.27, 0.33, 0.2, 0.13, 0.1], // hair
  [0.5, 0.85, 0.13, 0.25, 0.75, 0.55, 0.45], // neck
  [0.5, 0.5, 0.22, 0.3, 0.88, 0.68, 0.57], // face
  [0.41, 0.45, 0.05, 0.025, 0.95, 0.95, 0.95], // eyes and pupils
  [0.59, 0.45, 0.05, 0.025, 0.95, 0.95, 0.95],
  [0.41, 0.45, 0.022, 0.025, 0.1, 0.07, 0.05],
  [0.59, 0.45, 0.022, 0.025, 0.1, 0.07, 0.05],
  [0.5, 0.56, 0.03, 0.03, 0.7, 0.48, 0.4], // nose
  [0.5, 0.67, 0.08, 0.025, 0.65, 0.25, 0.25], // mouth
] as const;
const size = 128;
const pixels = Array.from({ length: size * size }, (_, i) => {
  const [x, y] = [((i % size) + 0.5) / size, (Math.floor(i / size) + 0.5) / size];
  return discs.reduce(
    (below, [cx, cy, rx, ry, ...colour]) => {
      const cover = Math.min(Math.max((1 - ((x - cx) / rx) ** 2 - ((y - cy) / ry) ** 2) * 4, 0), 1);
      return below.map((value, k) => value * (1 - cover) + (colour[k] as number) * cover);
    },
    [0.55, 0.65, 0.75],
  );
});
const image = tensor(
  Float32Array.from(pixels.flat(), (value) => value * 2 - 1),
  { shape: [1, size, size, 3] },
);

/** The best anchor, its score, and the eyes of its face, in parts of the image. */
function best(outputs: Readonly<Record<string, Tensor>>): string {
  const scores = (sigmoid(outputs["classificators"] as Tensor).dataSync() as Float32Array).map((score) => score);
  const anchor = scores.indexOf(Math.max(...scores));
  // The first 512 anchors lie on a grid of 16 x 16, two to a cell; the other 384 on 8 x 8, six to a cell.
  const [cells, cell] = anchor < 512 ? [16, Math.floor(anchor / 2)] : [8, Math.floor((anchor - 512) / 6)];
  const [x, y] = [((cell % cells) + 0.5) / cells, (Math.floor(cell / cells) + 0.5) / cells];
  const places = (outputs["regressors"] as Tensor).dataSync() as Float32Array;
  const eye = (at: number): string =>
    `(${(x + (places[anchor * 16 + at] as number) / size).toFixed(2)}, ${(y + (places[anchor * 16 + at + 1] as number) / size).toFixed(2)})`;
  return `score ${(scores[anchor] as number).toFixed(3)}, eyes ${eye(4)} ${eye(6)}`;
}

const here = interpret(network, { input: image });
console.log(`reference: ${best(here)}`);

const backend = await onnxruntime();
const executable = await backend.compile(network);
console.log(`onnxruntime: ${best(await executable.run({ input: image }))}`);
await executable.dispose();
await backend.dispose();

const model = writeOnnx(network);
const back = interpret(readOnnx(model), { input: image });
const same = Object.entries(here).every(
  ([name, value]) => Buffer.compare(bits(value), bits(back[name] as Tensor)) === 0,
);
console.log(
  `as ONNX ${Math.round(model.length / 1024)} KiB (TFLite, in half precision: ${Math.round(file.length / 1024)} KiB); read back, the same bits: ${same}`,
);

function bits(value: Tensor): Buffer {
  const { buffer, byteOffset, byteLength } = value.dataSync() as Float32Array;
  return Buffer.from(buffer, byteOffset, byteLength);
}
