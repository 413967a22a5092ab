import { describe, expect, test } from "vitest";
import { type Job, type JobContext, type JobProgress, sweepJobs } from "../../src/index.ts";
import { workerPool } from "../../src/node/index.ts";

interface Answer {
  readonly id: string;
  readonly data: unknown;
  readonly nan: number;
  readonly pid: number;
}

const module = new URL("./fixtures/worker.ts", import.meta.url);
// tsx registers itself in processes; threads of Node 20 need to be told.
const imports = {
  child_process: "tsx",
  worker_threads: new URL("../engines/sweep/tsxInThreads.mjs", import.meta.url).href,
} as const;

/** A job that does what it is told to. */
function job(action: string): Job {
  return sweepJobs({ seeds: [1], rounds: 1, experiments: { [action]: { trainer: action } } })[0] as Job;
}

const context: JobContext = { onProgress: () => {} };

describe.each(["child_process", "worker_threads"] as const)("workerPool with %s", (runtime) => {
  test("hands jobs and data in, progress and results out; failing jobs lose themselves only", async () => {
    const execArgv = ["--conditions=@parsimony/source", "--import", imports[runtime]];
    const pool = workerPool<Answer>(module, { workers: 1, runtime, data: { folder: "here" }, execArgv });
    try {
      const told: JobProgress[] = [];
      const answer = await pool.execute(job("ok"), { onProgress: (each) => told.push(each) });
      expect(answer).toMatchObject({ id: "ok-seed1-tickets", data: { folder: "here" }, nan: Number.NaN });
      expect(told).toEqual([{ level: 0, levels: 1, step: 5, share: 0.5 }]);
      expect(answer.pid === process.pid).toBe(runtime === "worker_threads");

      // What the job throws comes back with its name, code and causes; the worker stays.
      await expect(pool.execute(job("throw"), context)).rejects.toMatchObject({
        name: "LotteryError",
        code: "E_EMPTY",
        message: "no luck",
        cause: { name: "RangeError", message: "below" },
      });
      expect((await pool.execute(job("ok"), context)).pid).toBe(answer.pid);

      await expect(pool.execute(job("diverge"), context)).rejects.toMatchObject({ code: "E_NON_FINITE", step: 700 });
      // What onProgress throws fails the job and nothing else.
      const broken = new Error("no screen");
      const failing = (): never => {
        throw broken;
      };
      await expect(pool.execute(job("hang"), { onProgress: failing })).rejects.toBe(broken);

      // A worker that ends is replaced.
      await expect(pool.execute(job("exit"), context)).rejects.toMatchObject({
        code: "E_WORKER",
        message: expect.stringContaining("exit-seed1-tickets") as string,
      });
      const stop = new AbortController();
      const reason = new Error("enough");
      const hanging = pool.execute(job("hang"), { signal: stop.signal, onProgress: () => stop.abort(reason) });
      await expect(hanging).rejects.toBe(reason);
      await expect(pool.execute(job("ok"), { ...context, signal: stop.signal })).rejects.toBe(reason);
    } finally {
      await pool.close();
    }
  });

  test("says when a worker cannot start or has nothing to load", async () => {
    const broken = workerPool(module, { runtime, execArgv: ["--no-such-option"] });
    await expect(broken.execute(job("ok"), context)).rejects.toMatchObject({ code: "E_WORKER" });
    await broken.close();
    const empty = workerPool("/nowhere.mjs", { runtime, execArgv: [] });
    await expect(empty.execute(job("ok"), context)).rejects.toMatchObject({
      code: "E_WORKER",
      message: expect.stringContaining("/nowhere.mjs") as string,
    });
    await empty.close();
  });
});

test.each([{ workers: 0 }, { workers: 1.5 }, { runtime: "fibers" as never }])("workerPool refuses %o", (options) => {
  expect(() => workerPool(module, options)).toThrow(expect.objectContaining({ code: "E_OPTION" }));
});
