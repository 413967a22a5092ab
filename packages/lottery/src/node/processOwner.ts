import { readlinkSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import process from "node:process";

/** A thread of a process, told from all others, also from later ones with the same numbers. */
export interface ProcessOwner {
  readonly host: string;
  readonly pid: number;
  /** When the process began, as the system counts; empty where the system does not say. */
  readonly started: string;
  /** The system's number of the thread and when it began; absent where the system does not say. */
  readonly task?: { readonly id: string; readonly started: string };
}

export async function thisProcess(): Promise<ProcessOwner> {
  const id = thisTask();
  const owner = { host: hostname(), pid: process.pid, started: await startOf(`/proc/${process.pid}`) };
  const started = await startOf(taskFolder(process.pid, id));
  return started === "" ? owner : { ...owner, task: { id, started } };
}

/** Does a thread of this machine still run? Undefined for one of another machine, which cannot be seen from here. */
export async function isRunning({ host, pid, started, task }: ProcessOwner): Promise<boolean | undefined> {
  if (host !== hostname()) return undefined;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it runs, under another user.
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  const now = await startOf(`/proc/${pid}`);
  if (started === "" || now === "") return true;
  if (now !== started) return false;
  // A worker thread may end before its process does.
  return task === undefined || (await startOf(taskFolder(pid, task.id))) === task.started;
}

/** The system's number of this thread, which only a call that does not leave the thread can find out. */
function thisTask(): string {
  try {
    return readlinkSync("/proc/thread-self").split("/").at(-1) ?? "";
  } catch {
    return "";
  }
}

function taskFolder(pid: number, task: string): string {
  return `/proc/${pid}/task/${task}`;
}

// Field 22 of Linux's stat file; the name of the command before it may hold spaces and parentheses.
async function startOf(folder: string): Promise<string> {
  try {
    const stat = await readFile(`${folder}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}
