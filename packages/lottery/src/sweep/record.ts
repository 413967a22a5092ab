import { fingerprintText } from "@parsimony/core-tensor";
import { LotteryError } from "../base/errors.ts";
import { exactJson, parseExactJson } from "../tickets/journal.ts";
import type { Store } from "../tickets/store.ts";
import type { Json } from "../train/trainer.ts";
import type { Job } from "./job.ts";

/** The folder of a job in the store of its sweep. */
export function jobFolder(id: string): string {
  return `jobs/${id}/`;
}

/** Tells a job under one description of the experiment from all others. */
export function jobFingerprint(job: Job, description: Json): string {
  return fingerprintText(canonicalJson({ job, description }));
}

/** JSON whose keys are sorted: equal for equal data, however it was written. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part !== "object" || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** What a finished job has in the store: who it was, and what came out. */
interface JobRecord {
  readonly fingerprint: string;
  readonly job: string;
  readonly result: unknown;
}

/** Writes the result of a job and gives it back as it will be read. */
export async function writeResult(store: Store, job: Job, fingerprint: string, result: unknown): Promise<unknown> {
  const record: JobRecord = { fingerprint, job: job.id, result: result ?? null };
  const bytes = new TextEncoder().encode(`${exactJson(record)}\n`);
  await store.write(resultName(job.id), bytes);
  return parseRecord(bytes)?.result;
}

/**
 * The result of a job that is finished; undefined when it is not. Throws E_RESUME when the file belongs to another job or
 * description, or is damaged.
 */
export async function readResult(
  store: Store,
  job: Job,
  fingerprint: string,
): Promise<{ readonly result: unknown } | undefined> {
  const bytes = await store.read(resultName(job.id));
  if (bytes === undefined) return undefined;
  const record = parseRecord(bytes);
  if (record === undefined) throw new LotteryError("E_RESUME", `runSweep: ${resultName(job.id)} is damaged; remove it`);
  if (record.fingerprint === fingerprint) return record;
  const message = `runSweep: ${resultName(job.id)} was made by another job or under another description of the experiment`;
  throw new LotteryError("E_RESUME", `${message}; take another store, or remove the file`);
}

function parseRecord(bytes: Uint8Array): JobRecord | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    const record = parseExactJson(text) as Partial<JobRecord> | null;
    if (typeof record?.fingerprint !== "string" || record.result === undefined) return undefined;
    return record as JobRecord;
  } catch {
    return undefined;
  }
}

function resultName(id: string): string {
  return `${jobFolder(id)}result.json`;
}
