import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { threadId } from "node:worker_threads";
import { isRunning, thisProcess } from "./processOwner.ts";

const prefix = ".writing~";
let count = 0;

/** A name in a folder that no other process, thread or call uses, and that says which process it belongs to. */
export async function temporaryPath(folder: string): Promise<string> {
  const { host, pid, started } = await thisProcess();
  return join(folder, prefix + [encodeURIComponent(host), pid, started, threadId, count++].join("~"));
}

/** Removes, in a folder and below, the temporary files of processes that have ended. */
export async function removeAbandoned(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await removeAbandoned(path);
    if (!entry.name.startsWith(prefix)) continue;
    const [host = "", pid, started = ""] = entry.name.slice(prefix.length).split("~");
    const owner = { host: decodeURIComponent(host), pid: Number(pid), started };
    if ((await isRunning(owner)) === false) await rm(path, { force: true });
  }
}
