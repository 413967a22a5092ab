import { expect, test } from "vitest";
import { type JobContext, memoryStore, runSweep, type SweepProgress } from "../../src/index.ts";
import { jobs } from "./harness.ts";

const searches = jobs.filter(({ kind }) => kind === "tickets");

/** A job that ends when its signal says so. */
function untilStopped({ signal }: JobContext): Promise<never> {
  return new Promise((_, reject) => {
    if (signal?.aborted) reject(signal.reason);
    signal?.addEventListener("abort", () => reject(signal.reason));
  });
}

test("what onProgress throws stops the sweep after its jobs have stopped, and is no job's failure", async () => {
  const broken = new Error("no screen");
  const stopped: string[] = [];
  let locked = false;
  const store = {
    ...memoryStore(),
    lock: async () => {
      locked = true;
      return async () => {
        expect(stopped.length).toBe(2);
        locked = false;
      };
    },
  };
  const run = runSweep(searches, {
    store,
    concurrency: 2,
    retries: 3,
    onProgress: ({ running, failed }: SweepProgress) => {
      expect(failed).toBe(0);
      if (running.every(({ step }) => step === 1) && running.length === 2) throw broken;
    },
    execute: async ({ id }, context) => {
      context.onProgress({ level: 0, levels: 0, step: 1, share: 0 });
      await untilStopped(context).catch(() => {});
      stopped.push(id);
      throw new Error("stopped");
    },
  });
  await expect(run).rejects.toBe(broken);
  expect([locked, stopped.length]).toEqual([false, 2]);
});

test("also when it throws at the very first or the last report", async () => {
  for (const at of [0, 1]) {
    const run = runSweep(searches, {
      store: memoryStore(),
      execute: async () => 1,
      onProgress: ({ share }) => {
        if (share === at) throw new Error(`at ${at}`);
      },
    });
    await expect(run).rejects.toThrow(`at ${at}`);
  }
});

test("a sweep that is stopped starts no other job", async () => {
  const stop = new AbortController();
  const started: string[] = [];
  const run = runSweep(searches, {
    store: memoryStore(),
    concurrency: 3,
    signal: stop.signal,
    onProgress: ({ running }) => running.length === 2 && stop.abort(new Error("enough")),
    execute: async ({ id }) => started.push(id),
  });
  await expect(run).rejects.toThrow("enough");
  expect(started).toEqual([searches[0]?.id]);
});

test("a sweep lets go of its signal", async () => {
  const { signal } = new AbortController();
  let listeners = 0;
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
    listeners++;
    addEventListener.apply(signal, args);
  };
  signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
    listeners--;
    removeEventListener.apply(signal, args);
  };
  await runSweep(searches, { store: memoryStore(), execute: async () => 1, signal });
  expect(listeners).toBe(0);
});
