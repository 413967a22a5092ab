import {
  type Graph,
  type HostTensor,
  type Tensor,
  add,
  matmul,
  random,
  relu,
  spec,
  trace,
} from "@parsimony/core-tensor";
import { readOnnx, writeOnnx } from "@parsimony/core-tensor/onnx";
import { describe, expect, test } from "vitest";
import { type Mask, applyMask, bits } from "../../../src/mask/mask.ts";
import { writeSparseOnnx } from "../../../src/sparse/index.ts";
import { codeOf } from "../codeOf.ts";

const [first, second] = [random.normal(random.key(1), [60, 50]), random.normal(random.key(2), [50, 10])];
const bias = random.normal(random.key(3), [50]);
const traced = trace(
  (x: Tensor) => matmul(relu(add(matmul(x, first), bias)), second),
  spec(["batch", 60], "float32", "x"),
);
/** As a model that comes from elsewhere: constants have the names of a file. */
const graph: Graph = readOnnx(writeOnnx(traced));
const weights = Object.entries(graph.constants).filter(([, { rank }]) => rank === 2);
const mask: Mask = Object.fromEntries(
  weights.map(([name, { size, shape }]) => {
    return [
      name,
      bits(
        new Uint8Array(size).map((_, i) => ((i * 0.618034) % 1 < 0.1 ? 1 : 0)),
        shape,
      ),
    ];
  }),
);

const text = (tensor: Tensor | undefined): string => (tensor as HostTensor).dataSync().join();

describe("writeSparseOnnx", () => {
  test("keeps masked weights by the constants' names, bit by bit", () => {
    const back = readOnnx(writeSparseOnnx(graph, mask));
    const wanted = applyMask(graph.constants, mask) as Readonly<Record<string, HostTensor>>;
    expect(back.nodes).toEqual(graph.nodes);
    expect(Object.keys(back.constants).sort()).toEqual(Object.keys(wanted).sort());
    for (const name of Object.keys(wanted)) expect(text(back.constants[name]), name).toBe(text(wanted[name]));
  });

  test("makes the file a fifth as long at a density of a tenth", () => {
    const dense = writeOnnx({ ...graph, constants: applyMask(graph.constants, mask) });
    const sparse = writeSparseOnnx(graph, mask);
    expect([dense.length > 14_000, sparse.length < dense.length / 5]).toEqual([true, true]);
  });

  test("passes the other options on", () => {
    const text = new TextDecoder("latin1").decode(writeSparseOnnx(graph, mask, { metadata: { level: "seven" } }));
    expect(text).toContain("seven");
  });

  test("an empty mask writes what is zero already", () => {
    const masked = { ...graph, constants: applyMask(graph.constants, mask) };
    expect(Buffer.compare(writeSparseOnnx(masked, {}), writeSparseOnnx(graph, mask))).toBe(0);
  });

  test("a mask of another model is refused", () => {
    expect(codeOf(() => writeSparseOnnx(graph, { other: bits(new Uint8Array(4), [2, 2]) }))).toBe("E_MASK other");
  });
});
