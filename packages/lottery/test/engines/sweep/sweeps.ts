import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { executeJob, type JobResult, runSweep, type Store, sweepJobs, type SweepReport } from "../../../src/index.ts";
import { folderStore, workerPool } from "../../../src/node/index.ts";
import { compile, tickets, type WorkerData } from "./worker.ts";

const module = new URL("./worker.ts", import.meta.url);
const sources = "--conditions=@parsimony/source";
// tsx registers itself in processes; threads of Node 20 need to be told.
const execArgv = {
  child_process: [sources, "--import", "tsx"],
  worker_threads: [sources, "--import", new URL("./tsxInThreads.mjs", import.meta.url).href],
} as const;

export const jobs = sweepJobs({ seeds: [1, 2], rounds: 1, controls: [{ kind: "reinit" }] });

/** Every file of a store as text. */
async function contentOf(store: Store): Promise<Record<string, string>> {
  const names = await store.list("");
  const read = async (name: string): Promise<[string, string]> => [
    name,
    Buffer.from((await store.read(name)) as Uint8Array).toString("latin1"),
  ];
  return Object.fromEntries(await Promise.all(names.map(read)));
}

export interface Outcome {
  readonly report: SweepReport<JobResult>;
  readonly attempts: readonly string[];
  readonly content: Readonly<Record<string, string>>;
}

export async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "sweep-"));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The sweep in this process, one job after the other. */
export function sweepHere(): Promise<Outcome> {
  return inFolder(async (folder) => {
    const store = folderStore(folder);
    const trainer = await compile();
    const report = await runSweep(jobs, {
      store,
      execute: (job, context) => executeJob(trainer, job, store, { tickets, ...context }),
    });
    await trainer.dispose();
    return { report, attempts: [], content: await contentOf(store) };
  });
}

/** The sweep in workers, the first of which is killed where `killAt` says. */
export function sweepIn(
  runtime: keyof typeof execArgv,
  workers: number,
  killAt?: Omit<NonNullable<WorkerData["killAt"]>, "marker">,
): Promise<Outcome> {
  return inFolder(async (root) => {
    const folder = join(root, "store");
    const store = folderStore(folder);
    const data = { folder, ...(killAt === undefined ? {} : { killAt: { ...killAt, marker: join(root, "killed") } }) };
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
  });
}
