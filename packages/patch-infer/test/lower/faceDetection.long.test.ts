import { readFileSync } from "node:fs";
import { tensor } from "@parsimony/core-tensor";
import { readTflite } from "@parsimony/core-tensor/tflite";
import { expect, test } from "vitest";
import { toNetwork } from "../../src/lower/toNetwork.ts";
import { expectSame, kinds } from "./compare.ts";
import { generator } from "./randomGraphs.ts";

// Real files, with sums in doubles on both sides. The sparse one ends in depth to space.

test.each([
  ["face_detection_short_range", 128, 0],
  ["face_detection_full_range", 192, 0],
  ["face_detection_full_range_sparse", 192, 2],
] as const)("%s", (name, side, blocks) => {
  const file = new URL(`../../node_modules/@mediapipe/face_detection/${name}.tflite`, import.meta.url);
  const graph = readTflite(new Uint8Array(readFileSync(file)));
  const network = toNetwork(graph);
  expect(kinds(network).filter((kind) => kind === "depthToSpace")).toHaveLength(blocks);
  expect(kinds(network)).not.toContain("transpose");
  const next = generator(9);
  const shape = [1, side, side, 3];
  const x = tensor(
    Float32Array.from({ length: side * side * 3 }, () => next() * 2 - 1),
    { shape },
  );
  expectSame(network, graph, { [graph.inputs[0] as string]: x });
});
