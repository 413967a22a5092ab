import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Tensor, add, interpret, matmul, random, relu, spec } from "@parsimony/core-tensor";
import { readOnnx, writeOnnx } from "@parsimony/core-tensor/onnx";
import { modelGraph } from "@parsimony/lottery/compact";
import { afterEach, expect, test, vi } from "vitest";

afterEach(() => {
  vi.restoreAllMocks();
});

async function printedBy(run: () => Promise<unknown>): Promise<unknown[]> {
  const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
  await run();
  return log.mock.calls.map(([first]) => first as unknown);
}

test("sparseInference.ts: a twentieth of the weights, in less than a tenth of the bytes", async () => {
  const printed = await printedBy(() => import("../examples/sparseInference.ts"));
  const lines = printed.slice(0, 3).map((line) => {
    const [, survivors, bytes, dense] = /: (\d+) weights, \w+, (\d+) bytes instead of (\d+)$/.exec(String(line)) ?? [];
    return { survivors: Number(survivors), bytes: Number(bytes), dense: Number(dense) };
  });
  for (const [i, size] of [784 * 300, 300 * 100, 100 * 10].entries()) {
    expect(Math.abs((lines[i]?.survivors as number) / size - 0.05)).toBeLessThan(0.02);
    expect(lines[i]?.bytes).toBeLessThanOrEqual(lines[i]?.dense as number);
  }
  expect(lines[0]?.bytes).toBeLessThan((lines[0]?.dense as number) / 10);
  expect(printed[3]).toEqual([64, 10]);
});

test("shrinkOnnx.ts: fewer units, and the file that it says", async () => {
  const folder = await mkdtemp(join(tmpdir(), "shrink-"));
  const argv = process.argv;
  try {
    const normal = (seed: number, shape: readonly number[]) => random.normal(random.key(seed), [...shape]);
    const params = { w1: normal(1, [32, 40]), b1: normal(2, [40]), w2: normal(3, [40, 5]) };
    const forward = (p: typeof params, x: Tensor) => matmul(relu(add(matmul(x, p.w1), p.b1)), p.w2);
    const before = writeOnnx(modelGraph(forward, params, spec(["batch", 32])));
    const [from, to] = [join(folder, "from.onnx"), join(folder, "to.onnx")];
    await writeFile(from, before);
    process.argv = [argv[0] as string, "shrinkOnnx.ts", from, to, "0.9"];
    const printed = await printedBy(() => import("../examples/shrinkOnnx.ts"));
    const after = await readFile(to);
    expect(printed.at(-1)).toBe(`bytes: ${before.length} before, ${after.length} after`);
    expect(after.length).toBeLessThan(before.length);

    // The units of the file are those that it printed, and it runs.
    const units = Number(/^w1: 40 units, (\d+) left$/m.exec(printed.join("\n"))?.[1]);
    const smaller = readOnnx(new Uint8Array(after));
    expect(smaller.constants["w1"]?.shape).toEqual([32, units]);
    expect(units).toBeLessThan(40);
    const input = smaller.inputs[0] as string;
    const [output] = Object.values(interpret(smaller, { [input]: normal(4, [3, 32]) }));
    expect(output?.shape).toEqual([3, 5]);
    expect(String(printed[0])).toMatch(/^weights kept: 10\.00 %, with an effect: \d\.\d\d %$/);
  } finally {
    process.argv = argv;
    await rm(folder, { recursive: true });
  }
});
