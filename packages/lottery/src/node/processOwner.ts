import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import process from "node:process";

/** A process, told from all others, also from later ones with the same number. */
export interface ProcessOwner {
  readonly host: string;
  readonly pid: number;
  /** When it began, as the system counts; empty where the system does not say. */
  readonly started: string;
}

export async function thisProcess(): Promise<ProcessOwner> {
  return { host: hostname(), pid: process.pid, started: await startOf(process.pid) };
}

/** Does a process of this machine still run? Undefined for one of another machine, which cannot be seen from here. */
export async function isRunning({ host, pid, started }: ProcessOwner): Promise<boolean | undefined> {
  if (host !== hostname()) return undefined;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it runs, under another user.
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  const now = await startOf(pid);
  return started === "" || now === "" || now === started;
}

// Field 22 of Linux's /proc/<pid>/stat; the name of the command before it may hold spaces and parentheses.
async function startOf(pid: number): Promise<string> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}
