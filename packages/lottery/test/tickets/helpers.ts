import type { HostTensor } from "@parsimony/core-tensor";
import {
  type FindTicketsOptions,
  type LevelResult,
  LotteryError,
  type Mask,
  type Store,
  type TicketReport,
  type Trainer,
  findTickets,
} from "../../src/index.ts";

/** Runs an experiment to its end. */
export async function runAll(
  trainer: Trainer,
  options: FindTicketsOptions,
): Promise<{ readonly yielded: LevelResult[]; readonly report: TicketReport }> {
  const yielded: LevelResult[] = [];
  const experiment = findTickets(trainer, options);
  for (;;) {
    const next = await experiment.next();
    if (next.done === true) return { yielded, report: next.value };
    yielded.push(next.value);
  }
}

export async function levelsOf(trainer: Trainer, options: FindTicketsOptions): Promise<readonly LevelResult[]> {
  return (await runAll(trainer, options)).report.levels;
}

/** The bits of a mask's tensor as a text. */
export function bitsOf(mask: Mask, name: string): string {
  return [...((mask[name] as HostTensor).dataSync() as Uint8Array)].join("");
}

/** Every file of a store, as text that shows every byte. */
export async function contentOf(store: Store): Promise<Readonly<Record<string, string>>> {
  const names = await store.list("");
  const entries = await Promise.all(
    names.map(async (name) => [name, Buffer.from((await store.read(name)) as Uint8Array).toString("latin1")] as const),
  );
  return Object.fromEntries(entries);
}

/** The error with which something rejects. */
export async function rejection(action: Promise<unknown>): Promise<LotteryError> {
  const error: unknown = await action.then(
    () => new Error("it did not reject"),
    (reason: unknown) => reason,
  );
  if (error instanceof LotteryError) return error;
  throw error;
}

/** A trainer with some of its functions replaced. */
export function altered(trainer: Trainer, change: Partial<Trainer>): Trainer {
  return { ...trainer, ...change };
}
