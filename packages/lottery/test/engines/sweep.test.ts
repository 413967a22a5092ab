import { expect, test } from "vitest";
import { jobs, sweepHere, sweepIn } from "./sweep/sweeps.ts";

test("two threads at once, each with onnxruntime, write the bytes of one process", async () => {
  const threads = await sweepIn("worker_threads", 2);
  expect([threads.report.failed, threads.report.skipped]).toEqual([[], []]);
  expect(threads.report.results.length).toBe(jobs.length);
  expect(threads.report.results[0]?.result.levels[0]?.final.test["accuracy"]).toBeGreaterThan(0.6);
  const here = await sweepHere();
  expect(threads.report).toEqual(here.report);
  expect(threads.content).toEqual(here.content);
  expect(Object.keys(here.content).filter((name) => name.endsWith("result.json")).length).toBe(jobs.length);
}, 120_000);
