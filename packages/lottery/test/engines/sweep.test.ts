import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type JobResult, runSweep, type Store, sweepJobs, type SweepReport } from "../../src/index.ts";
import { folderStore, workerPool } from "../../src/node/index.ts";
import type { WorkerData } from "./sweep/worker.ts";

const module = new URL("./sweep/worker.ts", import.meta.url);
const sources = "--conditions=@parsimony/source";
// tsx registers itself in processes; threads of Node 20 need to be told.
const execArgv = {
  child_process: [sources, "--import", "tsx"],
  worker_threads: [sources, "--import", new URL("./sweep/tsxInThreads.mjs", import.meta.url).href],
} as const;

const jobs = sweepJobs({ seeds: [1, 2], rounds: 1, controls: [{ kind: "reinit" }] });

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

interface Outcome {
  readonly report: SweepReport<JobResult>;
  readonly attempts: readonly string[];
  readonly content: Readonly<Record<string, string>>;
}

async function sweepIn(
  runtime: keyof typeof execArgv,
  workers: number,
  killAt?: WorkerData["killAt"],
): Promise<Outcome> {
  const store = folderStore(join(folder, runtime));
  const data = { folder: join(folder, runtime), ...(killAt === undefined ? {} : { killAt }) };
  const pool = workerPool<JobResult>(module, { runtime, workers, execArgv: execArgv[runtime], data });
  const attempts = new Set<string>();
  try {
    const report = await runSweep(jobs, {
      store,
      execute: pool.execute,
      concurrency: workers,
      retries: 1,
      onProgress: ({ running }) => {
        for (const { id, attempt, level, levels } of running) attempts.add(`${id} ${attempt}: ${level} ${levels}`);
      },
    });
    return { report, attempts: [...attempts], content: await contentOf(store) };
  } finally {
    await pool.close();
  }
}

describe("workers with onnxruntime", () => {
  test("two threads at once and a process that is killed once write the same bytes", async () => {
    const threads = await sweepIn("worker_threads", 2);
    expect([threads.report.failed, threads.report.skipped]).toEqual([[], []]);
    expect(threads.report.results.length).toBe(jobs.length);
    expect(threads.report.results[0]?.result.levels[0]?.final.test["accuracy"]).toBeGreaterThan(0.6);

    const marker = join(folder, "killed");
    const killed = await sweepIn("child_process", 1, { id: "main-seed2-tickets", level: 1, step: 30, marker });
    expect(killed.report).toEqual(threads.report);
    expect(killed.content).toEqual(threads.content);
    expect(Object.keys(killed.content).filter((name) => name.endsWith("result.json")).length).toBe(jobs.length);
    // The second try began where the first one was: level 0 was in the store.
    expect(killed.attempts.filter((each) => each.startsWith("main-seed2-tickets"))).toEqual([
      "main-seed2-tickets 1: 0 0",
      "main-seed2-tickets 1: 0 1",
      "main-seed2-tickets 1: 1 1",
      "main-seed2-tickets 2: 0 0",
      "main-seed2-tickets 2: 0 1",
      "main-seed2-tickets 2: 1 1",
      "main-seed2-tickets 2: 1 2",
    ]);
  }, 120_000);
});
