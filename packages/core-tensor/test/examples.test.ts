import { afterEach, expect, test, vi } from "vitest";

afterEach(() => {
  vi.restoreAllMocks();
});

async function printedBy(run: () => Promise<unknown>): Promise<string[]> {
  const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
  // tfjs-core recommends its native package on the console.
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
  await run();
  return log.mock.calls.map((call) => String(call[0]));
}

const numbersIn = (line: string | undefined): number[] => (line?.match(/\d+\.\d+/g) ?? []).map(Number);

test("programs.ts: the cut-out part gives what the whole gives", async () => {
  const [program, tap, head] = await printedBy(() => import("../examples/programs.ts"));
  expect(program).toMatch(/^classify\(x: float32\[batch, 4\]\) \{/);
  expect(tap).toMatch(/^relu_0 \[2,3\]: \d of 6 are 0$/);
  expect(head).toBe("the head has 3 of 5 nodes; same result: true");
});

test("straightThrough.ts: training through the rounding beats rounding afterwards", async () => {
  const [after, through] = await printedBy(() => import("../examples/straightThrough.ts"));
  expect(numbersIn(through)[0]).toBeLessThan((numbersIn(after)[0] as number) / 2);
});

test("gradients.ts: the check passes the right derivatives and finds the wrong one", async () => {
  const lines = await printedBy(() => import("../examples/gradients.ts"));
  expect(lines.slice(0, 3).map((line) => line.split(": ").slice(0, 2).join(": "))).toEqual([
    "plain: holds",
    "softplus: holds",
    "wrong: does not hold",
  ]);
  expect(lines[3]).toBe("at 1000: plain NaN, softplus 1");
});

test("engines.ts: three engines agree, and the file runs on its own", async () => {
  const lines = await printedBy(() => import("../examples/engines.ts"));
  const losses = lines
    .filter((line) => /^(reference|onnxruntime|tfjs) \(/.test(line))
    .map((line) => numbersIn(line)[0]);
  expect(losses.length).toBe(3);
  for (const loss of losses) expect(loss).toBeCloseTo(losses[0] as number, 5);
  expect(lines.slice(-2)).toEqual([
    "onnxruntime alone, 1 rows: [1,3], as here: true",
    "onnxruntime alone, 4 rows: [4,3], as here: true",
  ]);
});

test("characters.ts: the loss falls and the text is recited", async () => {
  const [loss, recited] = await printedBy(() => import("../examples/characters.ts"));
  const [first, last] = numbersIn(loss);
  expect(last).toBeLessThan((first as number) / 8);
  expect(Number(/recites (\d+)/.exec(recited ?? "")?.[1])).toBeGreaterThan(20);
});

test("int8.ts: eight bits cost at most half a percent and save three quarters", async () => {
  const [float, int8] = (await printedBy(() => import("../examples/int8.ts"))).map((line) => ({
    accuracy: numbersIn(line)[0] as number,
    kilobytes: Number(/(\d+) kB/.exec(line)?.[1]),
  }));
  expect(float?.accuracy).toBeGreaterThan(93);
  expect(Math.abs((int8?.accuracy as number) - (float?.accuracy as number))).toBeLessThan(0.5);
  expect(int8?.kilobytes).toBeLessThan((float?.kilobytes as number) / 3.5);
});

test("faces.ts: both engines find the drawn face where it is, and it survives the way through ONNX", async () => {
  const lines = await printedBy(() => import("../examples/faces.ts"));
  const found = lines.slice(1, 3).map(numbersIn);
  for (const [score, leftX, leftY, rightX, rightY] of found) {
    expect(score).toBeGreaterThan(0.8);
    // The pupils are drawn at (0.41, 0.45) and (0.59, 0.45).
    expect(Math.hypot((leftX as number) - 0.41, (leftY as number) - 0.45)).toBeLessThan(0.05);
    expect(Math.hypot((rightX as number) - 0.59, (rightY as number) - 0.45)).toBeLessThan(0.05);
  }
  expect(found[0]).toEqual(found[1]);
  expect(lines.at(-1)).toMatch(/the same bits: true$/);
});
