import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onnxruntime } from "@parsimony/core-tensor/onnxruntime";
import { afterAll, expect, it } from "vitest";
import { canvasSize, drawCanvases, resizeCanvases } from "../../examples/tinyFashion/canvases.ts";
import { runExperiment } from "../../examples/tinyFashion/experiment.ts";
import { writeReport } from "../../examples/tinyFashion/report.ts";
import { smallSettings } from "../../examples/tinyFashion/settings.ts";

const folder = mkdtempSync(join(tmpdir(), "tiny-fashion-"));
const backend = await onnxruntime({ intraOpNumThreads: 1 });
afterAll(async () => {
  await backend.dispose();
  rmSync(folder, { recursive: true });
});

it("searches, trains, quantises and runs in the planned arena, and goes on where it was", async () => {
  const lines: string[] = [];
  const context = { folder: join(folder, "store"), backend, log: (line: string): void => void lines.push(line) };
  const rows = await runExperiment(smallSettings, context);
  expect(rows.map(({ method, budget }) => [method, budget])).toEqual([
    ["layers", 16],
    ["joint", 16],
    ["by hand", 16],
  ]);
  for (const { runs, flashBytes } of rows) {
    expect(flashBytes).toBeLessThanOrEqual(smallSettings.flashBytes);
    for (const { int8, float } of runs) {
      expect(int8.arenaBytes).toBeLessThanOrEqual(16 * 1024);
      expect(int8.highWaterBytes).toBe(int8.arenaBytes);
      expect(int8.macs).toBeLessThanOrEqual(smallSettings.macs);
      expect(float).toBeGreaterThanOrEqual(0);
    }
  }
  expect(lines.some((line) => line.includes("trained in"))).toBe(true);
  lines.length = 0;
  expect(await runExperiment(smallSettings, context)).toEqual(rows);
  expect(lines.some((line) => line.includes("trained in"))).toBe(false);
  await writeReport(folder, rows, smallSettings);
  expect(readFileSync(join(folder, "summary.csv"), "utf8").split("\n")).toHaveLength(rows.length + 2);
  expect(existsSync(join(folder, "index.html"))).toBe(true);
});

it("draws clothes where it says, the same for the same seed", () => {
  const white = { count: 1, values: new Uint8Array(784).fill(255), labels: new Uint8Array(1) };
  const canvases = drawCanvases(white, [0, 0], 3);
  expect(drawCanvases(white, [0, 0], 3)).toEqual(canvases);
  // One garment of 28 x 28 and at most six pieces of 8 x 8 that may lie under it.
  for (const canvas of [canvases.subarray(0, canvasSize ** 2), canvases.subarray(canvasSize ** 2)]) {
    const bright = canvas.reduce((sum, value) => sum + (value === 255 ? 1 : 0), 0);
    expect(bright).toBeGreaterThanOrEqual(784);
    expect(bright).toBeLessThanOrEqual(784 + 6 * 64);
  }
  for (const size of [48, 64, 80, 96]) {
    const mean = (values: ArrayLike<number>): number =>
      Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(resizeCanvases(canvases, size))).toBeCloseTo(mean(canvases) / 127.5 - 1, 4);
  }
});
