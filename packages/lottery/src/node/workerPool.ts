import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { MessageChannel } from "node:worker_threads";
import { Tinypool } from "tinypool";
import { checkChoice, checkWhole } from "../base/checks.ts";
import { LotteryError, type LotteryErrorCode } from "../base/errors.ts";
import type { Execute, JobContext } from "../sweep/index.ts";
import type { Json } from "../train/trainer.ts";
import type { ErrorData, WorkerAnswer, WorkerMessage, WorkerTask } from "./jobWorker.ts";

export interface WorkerPoolOptions {
  /** Workers at one time. Default: one per core. */
  readonly workers?: number;
  /**
   * What a worker is: a process (the default: a crash of native code loses one job) or a thread of this process (shares
   * memory of native libraries; a crash of native code ends everything).
   */
  readonly runtime?: "child_process" | "worker_threads";
  /** Handed to every job: plain data such as the folder of the store. Default: null. */
  readonly data?: Json;
  /** Options of node for the workers. Default: those of this process. */
  readonly execArgv?: readonly string[];
  /** The workers' environment. Default: that of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Workers that run jobs of a sweep. */
export interface WorkerPool<R = unknown> {
  readonly workers: number;
  /** Runs a job in a worker: the `execute` of `runSweep`. An aborted signal ends the worker at once. */
  readonly execute: Execute<R>;
  /** Ends the workers; jobs that still run are lost. Without it the process ends all the same. */
  close(): Promise<void>;
}

/**
 * Workers for `runSweep`: processes or threads that load a module (its file URL or path) whose default export is made by `jobWorker`. Workers start when
 * there is work and stay until `close`.
 *
 * @throws LotteryError E_OPTION for options that cannot be. `execute` rejects with what the job threw (a LotteryError keeps its
 *   code and place), or with E_WORKER when the worker ended before its job did; the next job gets a new worker.
 */
export function workerPool<R = unknown>(module: URL | string, options: WorkerPoolOptions = {}): WorkerPool<R> {
  const { workers = availableParallelism(), runtime = "child_process", data = null, execArgv, env } = options;
  checkWhole("workerPool", "workers", workers, 1);
  checkChoice("workerPool", "runtime", runtime, ["child_process", "worker_threads"]);
  const filename = typeof module === "string" ? module : fileURLToPath(module);
  const pool = new Tinypool({
    runtime,
    minThreads: 0,
    maxThreads: workers,
    // Workers keep what they have loaded; the longest time that timers can wait is as good as for ever.
    idleTimeout: 2 ** 31 - 1,
    // Waiting in Atomics.wait would stop everything else in an idle thread, native callbacks among them.
    useAtomics: false,
    // JSON, the default between processes, has no NaN.
    serialization: "advanced",
    env: env ?? definedOnly(process.env),
    ...(execArgv === undefined ? {} : { execArgv: [...execArgv] }),
  });
  const starting = new Set<(reason: unknown) => void>();
  // A worker that ends between two jobs is no loss; one that ends before it took its job will never take it.
  pool.on("error", (reason) => {
    for (const fail of starting) fail(reason);
  });
  return {
    workers,
    execute: async (job, context) => {
      const answer = await runTask(pool, starting, filename, { job, data }, context);
      if ("error" in answer) throw revive(answer.error);
      return answer.result as R;
    },
    close: () => pool.destroy(),
  };
}

/** Runs a task in a worker of the pool; rejects with E_WORKER when the worker ends first. */
async function runTask(
  pool: Tinypool,
  starting: Set<(reason: unknown) => void>,
  filename: string,
  task: WorkerTask,
  { signal, onProgress }: JobContext,
): Promise<WorkerAnswer> {
  signal?.throwIfAborted();
  const ended = new AbortController();
  const fail = (reason: unknown): void => {
    const message = `the worker of ${task.job.id} ended before its job`;
    ended.abort(new LotteryError("E_WORKER", message, { cause: reason }));
  };
  starting.add(fail);
  const onMessage = (message: WorkerMessage): void => {
    starting.delete(fail);
    if (!("progress" in message)) return;
    try {
      onProgress(message.progress);
    } catch (error) {
      // Thrown out of an event it would end this process.
      ended.abort(error);
    }
  };
  const stop = signal === undefined ? ended.signal : AbortSignal.any([signal, ended.signal]);
  const { port1, port2 } = new MessageChannel();
  try {
    if (pool.options.runtime === "child_process") {
      const channel = { postMessage: onMessage };
      return (await pool.run(task, { filename, signal: stop, channel })) as WorkerAnswer;
    }
    port1.on("message", onMessage);
    // A thread that calls process.exit tells nobody but its ports.
    port1.on("close", () => fail("its thread has exited"));
    return (await pool.run(
      { ...task, port: port2 },
      {
        filename,
        signal: stop,
        transferList: [port2],
      },
    )) as WorkerAnswer;
  } catch (error) {
    signal?.throwIfAborted();
    if (ended.signal.aborted) throw ended.signal.reason;
    // Between processes errors are plain objects.
    const { message } = error as Error;
    throw new LotteryError("E_WORKER", `the worker of ${task.job.id} failed: ${message}`, { cause: error });
  } finally {
    starting.delete(fail);
    port1.removeAllListeners("close").close();
  }
}

function revive({ name, message, stack, code, cause, place = {} }: ErrorData): Error {
  const details = cause === undefined ? {} : { cause: revive(cause) };
  const error =
    name === "LotteryError" && code !== undefined
      ? new LotteryError(code as LotteryErrorCode, message, { ...place, ...details })
      : Object.assign(new Error(message, details), { name }, code === undefined ? {} : { code });
  if (stack !== undefined) error.stack = stack;
  return error;
}

function definedOnly(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
