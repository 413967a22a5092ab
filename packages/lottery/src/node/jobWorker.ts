import { LotteryError, type LotteryErrorDetails } from "../base/errors.ts";
import type { Job, JobContext, JobProgress } from "../sweep/index.ts";
import type { Json } from "../train/trainer.ts";

/** What a worker hands to the function that runs a job. */
export interface JobWorkerContext extends Pick<JobContext, "onProgress"> {
  /** What the pool was given as `data`: the folder of the store, say. */
  readonly data: Json;
}

/** What is used of a `MessagePort`, whose type only Node and browsers declare. */
export interface MessageSender {
  postMessage(message: WorkerMessage): void;
}

/** What the pool sends: a job, and in a thread the port that messages go back through. */
export interface WorkerTask {
  readonly job: Job;
  readonly data: Json;
  readonly port?: MessageSender;
}

/** What comes back while a job runs. */
export type WorkerMessage = { readonly started: true } | { readonly progress: JobProgress };

/** What comes back in the end. An error is told as data, because neither way keeps its class and its fields. */
export type WorkerAnswer = { readonly result: unknown } | { readonly error: ErrorData };

/** An error and its causes as plain data. */
export interface ErrorData {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  readonly code?: string;
  /** Of a LotteryError. */
  readonly place?: Pick<LotteryErrorDetails, "tensor" | "index" | "step">;
  readonly cause?: ErrorData;
}

/**
 * The default export of a worker's module: runs the jobs that `workerPool` sends to this thread or process, one at a time. The
 * module is loaded once per worker, so data sets and trainers that it makes at its top are shared by the worker's jobs.
 *
 * ```js
 * export default jobWorker(async (job, { data, onProgress }) =>
 *   executeJob(await trainerOf(job), job, folderStore(data.folder), { onProgress }));
 * ```
 *
 * A child process ends when the process that started it is gone, so that no two work on one store.
 */
export function jobWorker(
  run: (job: Job, context: JobWorkerContext) => Promise<unknown>,
): (task: WorkerTask) => Promise<WorkerAnswer> {
  if (process.send !== undefined) process.once("disconnect", () => process.exit(1));
  return async ({ job, data, port }) => {
    const send = (message: WorkerMessage): void => {
      if (port === undefined) process.send?.(message);
      else port.postMessage(message);
    };
    try {
      send({ started: true });
      return { result: await run(job, { data, onProgress: (progress) => send({ progress }) }) };
    } catch (error) {
      return { error: errorData(error) };
    }
  };
}

function errorData(error: unknown, depth = 0): ErrorData {
  if (!(error instanceof Error)) return { name: "Error", message: String(error) };
  const { name, message, stack, cause } = error;
  const code = (error as { code?: unknown }).code;
  const place = error instanceof LotteryError ? { place: placeOf(error) } : {};
  return {
    name,
    message,
    ...(stack === undefined ? {} : { stack }),
    ...(typeof code === "string" ? { code } : {}),
    ...place,
    ...(cause === undefined || depth > 8 ? {} : { cause: errorData(cause, depth + 1) }),
  };
}

function placeOf({ tensor, index, step }: LotteryError): NonNullable<ErrorData["place"]> {
  return {
    ...(tensor === undefined ? {} : { tensor }),
    ...(index === undefined ? {} : { index }),
    ...(step === undefined ? {} : { step }),
  };
}
