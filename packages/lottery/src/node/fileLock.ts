import { link, mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { threadId } from "node:worker_threads";
import { LotteryError } from "../base/errors.ts";
import { type ProcessOwner, isRunning, thisProcess } from "./processOwner.ts";
import { temporaryPath } from "./temporary.ts";

let count = 0;

/**
 * Takes a lock that is a file: created only when there is none, with its owner inside. One whose process has ended, by a crash or
 * a kill, is taken over; on Linux also one of a worker thread that has ended in a process that goes on.
 *
 * @returns a function that gives it back
 * @throws LotteryError E_STORE while a running process, or one of another machine, has it.
 */
export async function lockFile(path: string): Promise<() => Promise<void>> {
  const own = JSON.stringify({ ...(await thisProcess()), thread: threadId, number: count++ });
  await mkdir(dirname(path), { recursive: true });
  const temporary = await temporaryPath(dirname(path));
  while (!(await create(path, temporary, own))) {
    const other = await contentOf(path);
    // Given back in the meantime.
    if (other === undefined) continue;
    const running = await ownerRuns(other);
    if (running !== false) throw held(path, other);
    await takeAway(path, temporary, other);
  }
  return async () => {
    if ((await contentOf(path)) === own) await rm(path, { force: true });
  };
}

/** Creates the lock with its content in one step. False when there is one. */
async function create(path: string, temporary: string, content: string): Promise<boolean> {
  const file = await open(temporary, "w");
  try {
    await file.writeFile(content);
    await file.close();
    await link(temporary, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw new LotteryError("E_STORE", `cannot create the lock ${path}`, { cause: error });
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Removes a stale lock. Another program may have been quicker and have a new one there: that one is put back. */
async function takeAway(path: string, aside: string, stale: string): Promise<void> {
  try {
    await rename(path, aside);
    if ((await contentOf(aside)) !== stale) await link(aside, path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT" && code !== "EEXIST") throw error;
  } finally {
    await rm(aside, { force: true });
  }
}

async function contentOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

async function ownerRuns(content: string): Promise<boolean | undefined> {
  try {
    return await isRunning(JSON.parse(content) as ProcessOwner);
  } catch {
    return undefined;
  }
}

function held(path: string, content: string): LotteryError {
  const message = `${path} is locked by another program: ${content}. If that has ended, remove the file`;
  return new LotteryError("E_STORE", message);
}
