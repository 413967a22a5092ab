import { random } from "@parsimony/core-tensor";
import { describe, expect, test } from "vitest";
import {
  findTickets,
  type Job,
  type JobContext,
  type JobResult,
  LotteryError,
  memoryStore,
  runSweep,
  sweepJobs,
  type SweepProgress,
} from "../../src/index.ts";
import { contentOf, executeIn, jobs, Killed, mortalStore, trainer } from "./harness.ts";

let whole: Promise<Record<string, string>> | undefined;

/** The files of a sweep that nothing disturbed. */
function wholeSweep(): Promise<Record<string, string>> {
  const run = async (): Promise<Record<string, string>> => {
    const store = memoryStore();
    await runSweep(jobs, { store, execute: executeIn(store), description: trainer.description });
    return contentOf(store);
  };
  whole ??= run();
  return whole;
}

describe("runSweep", () => {
  test("gives every level and control the numbers that one findTickets gives them", async () => {
    const store = memoryStore();
    const { results, failed, skipped } = await runSweep(jobs, { store, execute: executeIn(store), concurrency: 3 });
    expect([results.length, failed, skipped]).toEqual([jobs.length, [], []]);
    const search = findTickets(trainer, {
      seed: 2,
      rounds: 3,
      rate: 0.3,
      evalEvery: 5,
      rewindTo: { step: 5 },
      controls: [{ kind: "reinit" }, { kind: "randomMask", levels: [1, 3], trials: 2 }],
    });
    let compared = 0;
    for await (const { level, curve, earlyStop, final, density, controls } of search) {
      const ticket = results.find(({ job }) => job.id === "main-seed2-tickets")?.result.levels[level];
      expect(ticket).toMatchObject({ level, curve, earlyStop, final, kept: density.kept, size: density.size });
      for (const { control, trial, ...run } of controls) {
        const id = `main-seed2-level${level}-${control}-${trial}`;
        const found = results.find(({ job }) => job.id === id)?.result.levels;
        expect(found).toHaveLength(1);
        expect(found?.[0]).toMatchObject({ curve: run.curve, earlyStop: run.earlyStop, final: run.final });
        expect(found?.[0]?.kept).toBe(run.density.kept);
        compared++;
      }
    }
    expect(compared).toBe(7);
  });

  test("ends with the same bytes in whatever order jobs end", async () => {
    const expected = await wholeSweep();
    for (const seed of [1, 3]) {
      const store = memoryStore();
      const execute = executeIn(store);
      let draws = 0;
      const slow = async (job: Job, context: JobContext): Promise<JobResult> => {
        const wait = random.uniform(random.foldIn(random.key(seed), draws++), []).item() as number;
        await new Promise((resolve) => setTimeout(resolve, 15 * wait));
        return execute(job, context);
      };
      const { results } = await runSweep(jobs, {
        store,
        execute: slow,
        concurrency: 1 + 2 * seed,
        description: trainer.description,
      });
      expect(results.map(({ job }) => job.id)).toEqual(jobs.map(({ id }) => id));
      expect(await contentOf(store)).toEqual(expected);
    }
  });

  test("killed at any write and run again, ends with the same bytes", async () => {
    const expected = await wholeSweep();
    const kept = memoryStore();
    let kills = 0;
    for (let life = 3; ; life = (life * 7) % 31) {
      const store = mortalStore(kept, life + 1);
      const { failed } = await runSweep(jobs, {
        store,
        execute: executeIn(store),
        concurrency: 2,
        description: trainer.description,
      }).catch((error: unknown) => ({ failed: [{ error }] }));
      if (failed.length === 0) break;
      kills++;
      expect(failed.some(({ error }) => error instanceof Killed || (error as Error).cause instanceof Killed)).toBe(
        true,
      );
    }
    expect(kills).toBeGreaterThan(8);
    expect(await contentOf(kept)).toEqual(expected);
  });

  test("starts a control while later levels of its search still train, and runs no more than concurrency at a time", async () => {
    const store = memoryStore();
    const execute = executeIn(store);
    let running = 0;
    let most = 0;
    let early = 0;
    await runSweep(
      jobs.filter(({ seed }) => seed === 1),
      {
        store,
        concurrency: 2,
        execute: async (job, context) => {
          most = Math.max(most, ++running);
          if (job.kind === "control" && running === 2) early++;
          const result = await execute(job, context);
          running--;
          return result;
        },
      },
    );
    expect(most).toBe(2);
    expect(early).toBeGreaterThan(0);
  });

  test("loses with a failing job only itself and what waits for it; run again it tries those only", async () => {
    const store = memoryStore();
    const execute = executeIn(store);
    const cause = new Error("no luck");
    const breaking = (job: Job, context: JobContext): Promise<JobResult> => {
      if (job.id === "main-seed3-level2-reinit-0") throw cause;
      const onProgress: JobContext["onProgress"] = (progress) => {
        context.onProgress(progress);
        if (job.id === "main-seed2-tickets" && progress.levels === 2) throw cause;
      };
      return execute(job, { ...context, onProgress });
    };
    const report = await runSweep(jobs, { store, execute: breaking, concurrency: 2 });
    expect(report.failed.map(({ job }) => job.id)).toEqual(["main-seed2-tickets", "main-seed3-level2-reinit-0"]);
    for (const { job, error } of report.failed) {
      expect(error).toBeInstanceOf(LotteryError);
      expect(error).toMatchObject({ code: "E_WORKER", message: expect.stringContaining(job.id), cause });
    }
    // Level 1 was in the store, so its controls ran.
    expect(report.skipped.map(({ job, because }) => [job.id, because])).toEqual(
      ["level2-reinit-0", "level3-reinit-0", "level3-randomMask-0", "level3-randomMask-1"].map((name) => [
        `main-seed2-${name}`,
        "main-seed2-tickets",
      ]),
    );
    expect(report.results.length).toBe(jobs.length - 2 - 4);

    const again: string[] = [];
    const { results } = await runSweep(jobs, {
      store,
      execute: (job, context) => {
        again.push(job.id);
        return execute(job, context);
      },
    });
    expect(again.sort()).toEqual([...report.failed, ...report.skipped].map(({ job }) => job.id).sort());
    expect(results.length).toBe(jobs.length);
  });

  test("tries a failing job again as often as it is told", async () => {
    const [job] = jobs as [Job];
    const tries = async (retries: number): Promise<number[]> => {
      let count = 0;
      const attempts = new Set<number>();
      const { failed } = await runSweep([job], {
        store: memoryStore(),
        retries,
        onProgress: ({ running }) => running.forEach(({ attempt }) => attempts.add(attempt)),
        execute: async () => {
          if (++count < 3) throw new Error("not yet");
          return count;
        },
      });
      return [count, failed.length, ...attempts];
    };
    expect(await tries(1)).toEqual([2, 1, 1, 2]);
    expect(await tries(5)).toEqual([3, 0, 1, 2, 3]);
  });

  test("tells where it stands: counts, running jobs with level and step, a share that only grows", async () => {
    const store = memoryStore();
    const seen: SweepProgress[] = [];
    await runSweep(jobs, { store, execute: executeIn(store), concurrency: 2, onProgress: (each) => seen.push(each) });
    expect(seen[0]).toEqual({ done: 0, failed: 0, skipped: 0, total: 24, running: [], share: 0 });
    expect(seen.at(-1)).toEqual({ done: 24, failed: 0, skipped: 0, total: 24, running: [], share: 1 });
    const shares = seen.map(({ share }) => share);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(seen.flatMap(({ running }) => running)).toContainEqual({
      id: "main-seed1-tickets",
      attempt: 1,
      level: 2,
      levels: 2,
      step: 15,
      share: 2.75 / 4,
    });
  });

  test("stops when it is told, with what is finished in the store", async () => {
    const store = memoryStore();
    const stop = new AbortController();
    const reason = new Error("enough");
    const run = runSweep(jobs, {
      store,
      execute: executeIn(store),
      signal: stop.signal,
      description: trainer.description,
      onProgress: ({ done }) => {
        if (done === 4) stop.abort(reason);
      },
    });
    await expect(run).rejects.toBe(reason);
    const finished = (await store.list("jobs/")).filter((name) => name.endsWith("result.json"));
    expect(finished.length).toBe(4);
    await runSweep(jobs, { store, execute: executeIn(store), description: trainer.description });
    expect(await contentOf(store)).toEqual(await wholeSweep());
  });

  test("keeps numbers that JSON has not", async () => {
    const [job] = jobs as [Job];
    const store = memoryStore();
    const options = { store, execute: async () => ({ a: Number.NaN, b: -0, c: [Number.POSITIVE_INFINITY] }) };
    const first = await runSweep([job], options);
    const second = await runSweep([job], options);
    for (const { results } of [first, second]) {
      expect(Object.is(results[0]?.result.b, -0)).toBe(true);
      expect(results[0]?.result).toEqual({ a: Number.NaN, b: -0, c: [Number.POSITIVE_INFINITY] });
    }
  });

  test("refuses a store of another sweep before anything runs, and a damaged result", async () => {
    const store = memoryStore();
    const execute = executeIn(store);
    const few = jobs.slice(0, 1);
    await runSweep(few, { store, execute, description: { data: "digits" } });
    const never = (): Promise<never> => {
      throw new Error("ran");
    };
    const refused = expect.objectContaining({ code: "E_RESUME", message: expect.stringContaining("seed1-tickets") });
    await expect(runSweep(jobs, { store, execute: never, description: { data: "letters" } })).rejects.toEqual(refused);
    const longer = sweepJobs({ seeds: [1], rounds: 4 });
    await expect(runSweep(longer, { store, execute: never, description: { data: "digits" } })).rejects.toEqual(refused);

    const name = "jobs/main-seed1-tickets/result.json";
    const bytes = (await store.read(name)) as Uint8Array;
    await store.write(name, bytes.slice(0, -9));
    await expect(runSweep(few, { store, execute: never, description: { data: "digits" } })).rejects.toEqual(refused);
    await store.write(name, bytes);
    expect((await runSweep(few, { store, execute: never, description: { data: "digits" } })).results.length).toBe(1);
  });

  test.each([
    ["concurrency 0", { concurrency: 0 }, jobs],
    ["half a retry", { retries: 0.5 }, jobs],
    ["a job twice", {}, [...jobs, jobs[0] as Job]],
    ["a job before what it waits for", {}, [...jobs].reverse()],
    ["an id that is a path", {}, [{ ...(jobs[0] as Job), id: "../x" }]],
  ])("refuses %s", async (_what, options, list) => {
    const store = memoryStore();
    const run = runSweep(list, { store, execute: executeIn(store), ...options });
    await expect(run).rejects.toThrow(expect.objectContaining({ code: "E_OPTION" }));
    expect(await store.list("")).toEqual([]);
  });
});
