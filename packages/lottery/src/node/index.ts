export {
  type ErrorData,
  jobWorker,
  type JobWorkerContext,
  type MessageSender,
  type WorkerAnswer,
  type WorkerMessage,
  type WorkerTask,
} from "./jobWorker.ts";
export { type WorkerPool, workerPool, type WorkerPoolOptions } from "./workerPool.ts";
export { folderStore } from "./folderStore.ts";
