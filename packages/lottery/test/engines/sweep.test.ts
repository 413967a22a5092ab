import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type JobResult, runSweep, type Store, sweepJobs } from "../../src/index.ts";
import { folderStore, workerPool } from "../../src/node/index.ts";

const module = new URL("./sweep/worker.ts", import.meta.url);
const sources = "--conditions=@parsimony/source";
// tsx registers itself in processes; threads of Node 20 need to be told.
const execArgv = {
  child_process: [sources, "--import", "tsx"],
  worker_threads: [sources, "--import", new URL("./sweep/tsxInThreads.mjs", import.meta.url).href],
} as const;

const jobs = sweepJobs({ seeds: [1, 2], rounds: 2, controls: [{ kind: "reinit" }] });

let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sweep-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** Every file of a store as text. */
async function contentOf(store: Store): Promise<Record<string, string>> {
  const names = await store.list("");
  const read = async (name: string): Promise<[string, string]> => [
    name,
    Buffer.from((await store.read(name)) as Uint8Array).toString("latin1"),
  ];
  return Object.fromEntries(await Promise.all(names.map(read)));
}

describe("workers with onnxruntime", () => {
  test("threads and processes, two at a time, write the same bytes; a killed worker is replaced", async () => {
    const contents: Record<string, string>[] = [];
    for (const runtime of ["worker_threads", "child_process"] as const) {
      const store = folderStore(join(folder, runtime));
      const crashAt = runtime === "child_process" ? "main-seed2-tickets at level 1, step 30" : undefined;
      const pool = workerPool<JobResult>(module, {
        runtime,
        workers: 2,
        execArgv: execArgv[runtime],
        data: { folder: join(folder, runtime), crashAt: crashAt ?? null },
      });
      try {
        let levels = 0;
        const report = await runSweep(jobs, {
          store,
          execute: pool.execute,
          concurrency: pool.workers,
          onProgress: ({ running }) => {
            levels = Math.max(levels, ...running.map((each) => each.levels));
          },
        });
        // A crash at the same place again and again: only this search and what waits for it are lost.
        if (crashAt !== undefined) {
          expect(report.failed.map(({ job, error }) => [job.id, error.code, (error.cause as Error).name])).toEqual([
            ["main-seed2-tickets", "E_WORKER", "LotteryError"],
          ]);
          expect(report.skipped.map(({ job }) => job.id)).toEqual([
            "main-seed2-level1-reinit-0",
            "main-seed2-level2-reinit-0",
          ]);
        }
        expect(levels).toBeGreaterThanOrEqual(2);
      } finally {
        await pool.close();
      }
      if (crashAt !== undefined) {
        const again = workerPool<JobResult>(module, {
          workers: 2,
          execArgv: execArgv[runtime],
          data: { folder: join(folder, runtime) },
        });
        const { results } = await runSweep(jobs, { store, execute: again.execute, concurrency: 2 });
        await again.close();
        expect(results.length).toBe(jobs.length);
        expect(results[0]?.result.levels[0]?.final.test["accuracy"]).toBeGreaterThan(0.6);
      }
      contents.push(await contentOf(store));
    }
    expect(Object.keys(contents[0] ?? {}).filter((name) => name.endsWith("result.json")).length).toBe(jobs.length);
    expect(contents[1]).toEqual(contents[0]);
  });
});
