import { mkdirSync, writeFileSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import type { Backend } from "../../src/backends/backend.ts";
import { onnxruntime } from "../../src/backends/onnxruntime/index.ts";
import { assertConforms, backendConformance } from "../../src/testing/index.ts";
import { tfjsOn } from "./engines.ts";

const programs = Number(process.env["PARSIMONY_PROGRAMS"] ?? 10_000);
const seed = Number(process.env["PARSIMONY_SEED"] ?? 1);
const counts: Record<string, unknown> = {};

const engines: Readonly<Record<string, () => Promise<Backend>>> = {
  onnxruntime: async () => onnxruntime(),
  "tfjs-cpu": () => tfjsOn("cpu"),
};

/** Two thirds of the programs have fixed dimensions, one third a symbolic one that takes three numbers in turn. */
const fixed = Math.ceil((programs * 2) / 3);

test.each(Object.entries(engines))("random programs: reference and %s", async (name, engine) => {
  const backend = await engine();
  const report = await backendConformance(backend, {
    dtypes: ["float32"],
    ops: [],
    programs: fixed,
    seed,
    checks: false,
    now: () => performance.now(),
  });
  await backend.dispose();
  counts[name] = { ...report.totals, seconds: Math.round((report.milliseconds ?? 0) / 100) / 10 };
  assertConforms(report);
  expect(report.totals.passed).toBeGreaterThanOrEqual(programs);
});

afterAll(() => {
  const text = JSON.stringify({ programs, seed, counts }, null, 2);
  console.log(text);
  const folder = new URL("../../../../reports/", import.meta.url);
  mkdirSync(folder, { recursive: true });
  writeFileSync(new URL("random-programs.json", folder), `${text}\n`);
});
