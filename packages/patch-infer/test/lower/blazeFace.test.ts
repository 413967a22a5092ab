import { readFileSync } from "node:fs";
import { type HostTensor, interpret, tensor } from "@parsimony/core-tensor";
import { readTflite } from "@parsimony/core-tensor/tflite";
import { expect, test } from "vitest";
import { runWhole } from "../../src/execute/runWhole.ts";
import { toNetwork } from "../../src/lower/toNetwork.ts";
import { distance, kinds } from "./compare.ts";
import { generator } from "./randomGraphs.ts";

const file = new URL("../../node_modules/@mediapipe/face_detection/face_detection_short_range.tflite", import.meta.url);

test("BlazeFace: 164 operators become 69 layers with the same numbers", () => {
  const graph = readTflite(new Uint8Array(readFileSync(file)));
  const network = toNetwork(graph);
  const counts = new Map<string, number>();
  for (const kind of kinds(network)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  // Pads of images are the convolutions' own; those of channels stay.
  expect(Object.fromEntries(counts)).toEqual({
    conv2d: 21,
    depthwiseConv2d: 16,
    "binary:add": 16,
    pad: 11,
    maxPool2d: 3,
    concat: 2,
  });
  // SAME with stride 2 and an even size: nothing above, one row below.
  const strided = network.layers.filter((layer) => layer.kind === "depthwiseConv2d" && layer.strides[0] === 2);
  expect(strided.map((layer) => "padBefore" in layer && [layer.padBefore, layer.padAfter])).toEqual(
    strided.map(() => [
      [0, 0],
      [1, 1],
    ]),
  );
  const next = generator(5);
  const x = tensor(
    Float32Array.from({ length: 128 * 128 * 3 }, () => next() * 2 - 1),
    { shape: [1, 128, 128, 3] },
  );
  const expected = interpret(graph, { input: x }) as Record<string, HostTensor>;
  const found = runWhole(network, { input: x });
  for (const [name, value] of Object.entries(expected)) {
    // Fifty layers of float32 sums; with sums in doubles (the long test) it is 1e-5.
    expect(distance(found[name]?.dataSync() as Float32Array, value.dataSync())).toBeLessThan(5e-5);
  }
});
