import {
  executeJob,
  type ExecuteJobOptions,
  type Execute,
  type Job,
  type JobResult,
  memoryStore,
  type Store,
  sweepJobs,
} from "../../src/index.ts";
import { tinyTrainer } from "../tickets/tinyTrainer.ts";

export const trainer = tinyTrainer({ steps: 20, batch: 4, drawn: true });

const tickets = { rate: 0.3, evalEvery: 5, rewindTo: { step: 5 }, checkpointEvery: 1 } as const;

/** 3 seeds, levels 0 to 3, 2 controls. */
export const jobs: readonly Job[] = sweepJobs({
  seeds: [1, 2, 3],
  rounds: 3,
  controls: [{ kind: "reinit" }, { kind: "randomMask", levels: [1, 3], trials: 2 }],
});

export function executeIn(store: Store, options: ExecuteJobOptions = {}): Execute<JobResult> {
  return (job, context) => executeJob(trainer, job, store, { tickets, ...context, ...options });
}

/** Every file of a store as text. */
export async function contentOf(store: Store): Promise<Record<string, string>> {
  const names = await store.list("");
  const texts = await Promise.all(
    names.map(async (name) => Buffer.from((await store.read(name)) as Uint8Array).toString("latin1")),
  );
  return Object.fromEntries(names.map((name, i) => [name, texts[i] as string]));
}

export class Killed extends Error {}

/** A store that stops working for good at its n-th write, as a process does that is killed: nothing of that write is kept. */
export function mortalStore(store: Store, writes: number): Store {
  let left = writes;
  const alive = (): void => {
    if (left <= 0) throw new Killed("killed");
  };
  return {
    read: async (name) => {
      alive();
      return store.read(name);
    },
    write: async (name, bytes) => {
      left--;
      alive();
      await store.write(name, bytes);
    },
    list: async (prefix) => {
      alive();
      return store.list(prefix);
    },
    remove: async (name) => {
      alive();
      return store.remove(name);
    },
  };
}

export { memoryStore };
