export { type ErrorData, jobWorker, type JobWorkerContext, type WorkerAnswer, type WorkerTask } from "./jobWorker.ts";
export { type WorkerPool, workerPool, type WorkerPoolOptions } from "./workerPool.ts";
export { folderStore } from "./folderStore.ts";
