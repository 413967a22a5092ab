import { describe, expect, test } from "vitest";
import {
  GraphBuilder,
  type Tensor,
  conv2d,
  linear,
  maxPool2d,
  relu,
  reshape,
  spec,
  tensor,
  trace,
} from "../../src/index.ts";
import { formatSummary, summarize } from "../../src/inspect/index.ts";
import { vgg16 } from "./networks.ts";

const ones = (...shape: readonly number[]): Tensor =>
  tensor(new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1), { shape });

const digits = trace(
  function digits(image: Tensor) {
    const features = relu(conv2d(image, ones(8, 1, 3, 3), { pads: 1 }));
    const pooled = maxPool2d(features, { kernel: 2 });
    return linear(reshape(pooled, [pooled.shape[0] as number, 8 * 14 * 14]), ones(8 * 14 * 14, 10), ones(10));
  },
  spec(["batch", 1, 28, 28], "float32", "image"),
);

test("a small network, with numbers", () => {
  const text = formatSummary(summarize(digits, { dims: { batch: 1 } }));
  expect(text).toMatchInlineSnapshot(`
    "inputs   image: float32[1, 1, 28, 28]
    outputs  output: float32[1, 10]

    operator   nodes    MACs
    add            1
    conv2d         1  56.4 k
    matmul         1  15.7 k
    maxPool2d      1
    relu           1
    reshape        1

    #  op         result       type                     MACs  params     bytes  memory
    0  conv2d     conv2d_0     float32[1, 8, 28, 28]  56.4 k      72  24.5 KiB  █████████░
    1  relu       relu_0       float32[1, 8, 28, 28]                  24.5 KiB  █████████░░░░░░░░ < peak
    2  maxPool2d  maxPool2d_0  float32[1, 8, 14, 14]                  6.13 KiB  ██░░░░░░░░░
    3  reshape    reshape_0    float32[1, 1568]                       6.13 KiB  ██░░
    4  matmul     matmul_0     float32[1, 10]         15.7 k  15.7 k      40 B  ░░
    5  add        add_0        float32[1, 10]                     10      40 B
    █ the node's results  ░ other values that are needed while it runs  < peak

    parameters   15.8 k (61.6 KiB)
    MACs         72.1 k
    activations  61.3 KiB in all results
    peak memory  49.0 KiB of values at once, at node 1 (relu_0)"
  `);
});

test("the same with a symbol", () => {
  expect(formatSummary(summarize(digits), { width: 120 })).toMatchInlineSnapshot(`
    "inputs   image: float32[batch, 1, 28, 28]
    outputs  output: float32[batch, 10]

    operator   nodes            MACs
    add            1
    conv2d         1  56.4 k × batch
    matmul         1  15.7 k × batch
    maxPool2d      1
    relu           1
    reshape        1

    #  op         result       type                                 MACs  params             bytes  memory
    0  conv2d     conv2d_0     float32[batch, 8, 28, 28]  56.4 k × batch      72  24.5 KiB × batch  █████████░
    1  relu       relu_0       float32[batch, 8, 28, 28]                          24.5 KiB × batch  █████████░░░░░░░░ < peak
    2  maxPool2d  maxPool2d_0  float32[batch, 8, 14, 14]                          6.13 KiB × batch  ██░░░░░░░░░
    3  reshape    reshape_0    float32[batch, 1568]                               6.13 KiB × batch  ██░░
    4  matmul     matmul_0     float32[batch, 10]         15.7 k × batch  15.7 k      40 B × batch  ░░
    5  add        add_0        float32[batch, 10]                             10      40 B × batch
    █ the node's results  ░ other values that are needed while it runs  < peak

    parameters   15.8 k (61.6 KiB)
    MACs         72.1 k × batch
    activations  61.3 KiB × batch in all results
    peak memory  49.0 KiB × batch of values at once, at node 1 (relu_0)
    bars and peak are drawn for batch = 1"
  `);
});

test("of many nodes those that need the most memory, in their order", () => {
  const lines = formatSummary(summarize(vgg16(), { dims: { batch: 1 } }), { layers: 4 }).split("\n");
  const table = lines.findIndex((line) => line.includes("memory"));
  expect(lines.slice(table + 1, table + 6)).toMatchInlineSnapshot(`
    [
      "1  add     add_0     float32[1, 64, 224, 224]              64  12.3 MiB  ██████████░░░░░░░░░░ < peak",
      "2  relu    relu_0    float32[1, 64, 224, 224]                  12.3 MiB  ██████████░░░░░░░░░░",
      "3  conv2d  conv2d_1  float32[1, 64, 224, 224]  1.85 G  36.9 k  12.3 MiB  ██████████░░░░░░░░░░",
      "4  add     add_1     float32[1, 64, 224, 224]              64  12.3 MiB  ██████████░░░░░░░░░░",
      "… and 49 nodes that need no more memory",
    ]
  `);
  const all = formatSummary(summarize(vgg16()), { layers: "all" });
  expect(all.split("\n").filter((line) => /^ *\d+ {2}/.test(line)).length).toBe(vgg16().nodes.length);
});

describe("for a terminal", () => {
  const summary = summarize(vgg16(), { dims: { batch: 1 } });

  test.each([80, 100, 160])("lines stay within %d characters", (width) => {
    const lines = formatSummary(summary, { width, layers: "all" }).split("\n");
    expect(Math.max(...lines.map((line) => [...line].length))).toBeLessThanOrEqual(width);
  });

  test("colours change nothing but the escape sequences", () => {
    const [plain, colored] = [formatSummary(summary), formatSummary(summary, { color: true })];
    expect(plain).not.toContain("\u001b");
    expect(colored).toContain("\u001b[31m < peak\u001b[0m");
    const codes = ["[0m", "[1m", "[31m", "[90m"].map((code) => `\u001b${code}`);
    expect(codes.reduce((text, code) => text.replaceAll(code, ""), colored)).toBe(plain);
  });

  test("names cannot steer it", () => {
    const builder = new GraphBuilder("evil");
    builder.input("x\u001b[2J", { dtype: "float32", shape: [1] });
    builder.add("neg", ["x\u001b[2J"], {}, ["y\u0007"]);
    builder.output("z\n", "y\u0007");
    const text = formatSummary(summarize(builder.build()));
    for (const control of "\u001b\u0007") expect(text).not.toContain(control);
    expect(text).toContain("x\\u{1b}[2J: float32[1]");
  });
});

test("a program that does nothing", () => {
  const empty = formatSummary(summarize(new GraphBuilder("empty").build()));
  expect(empty).toContain("inputs   none");
  expect(empty).toContain("no nodes");
});
