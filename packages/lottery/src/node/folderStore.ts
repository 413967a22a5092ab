import { type FileHandle, mkdir, open, readFile, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import process from "node:process";
import { LotteryError } from "../base/errors.ts";
import type { Store } from "../tickets/store.ts";
import { lockFile } from "./fileLock.ts";
import { removeAbandoned, temporaryPath } from "./temporary.ts";

/**
 * A store over a folder, which is created when it is first written to. A file is written beside its place, flushed to the disk, and
 * then renamed, so that it is there whole or not at all, also after a loss of power. Locks are files too; the lock of a program that
 * has ended is taken over (on Linux also that of a worker thread that has ended).
 *
 * @throws LotteryError E_STORE (from the store's functions) for names other than parts of letters, digits, `.`, `_` and `-` that
 *   begin with no `.`, joined by `/`, so that no name leads out of the folder; for what the file system refuses; and for a
 *   lock that a running program has.
 */
export function folderStore(path: string): Store {
  const place = (name: string): string => {
    if (/^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/.test(name)) return join(path, name);
    throw new LotteryError("E_STORE", `folderStore: ${JSON.stringify(name)} is no name of a file in a store`);
  };
  return {
    read: (name) => attempt("read", name, () => readIfThere(place(name))),
    write: (name, bytes) => attempt("write", name, () => writeWhole(place(name), bytes)),
    list: (prefix) =>
      attempt("list", prefix, async () => {
        // Only the folder that the prefix names is read: a sweep has a thousand others beside it.
        const folder = /^([\w-][\w.-]*\/)*/.exec(prefix)?.[0] ?? "";
        return (await namesIn(join(path, folder), folder)).filter((name) => name.startsWith(prefix)).sort();
      }),
    remove: (name) => attempt("remove", name, () => rm(place(name), { force: true })),
    lock: (name) =>
      attempt("lock", name, async () => {
        const file = place(name);
        const unlock = await lockFile(join(dirname(file), `.lock~${name.slice(name.lastIndexOf("/") + 1)}`));
        await removeAbandoned(dirname(file));
        return unlock;
      }),
  };
}

async function attempt<T>(verb: string, name: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof LotteryError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new LotteryError("E_STORE", `folderStore: cannot ${verb} ${JSON.stringify(name)}: ${reason}`, {
      cause: error,
    });
  }
}

async function readIfThere(file: string): Promise<Uint8Array | undefined> {
  try {
    const { buffer, byteOffset, byteLength } = await readFile(file);
    return new Uint8Array(buffer, byteOffset, byteLength);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
}

async function writeWhole(file: string, bytes: Uint8Array): Promise<void> {
  const folder = dirname(file);
  await mkdir(folder, { recursive: true });
  const temporary = await temporaryPath(folder);
  try {
    await withFile(temporary, "wx", async (handle) => {
      await handle.writeFile(bytes);
      await handle.sync();
    });
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  // The new name is on the disk when the folder is; Windows has no such call and needs none.
  if (process.platform !== "win32") await withFile(folder, "r", (handle) => handle.sync());
}

async function withFile(path: string, flags: string, action: (handle: FileHandle) => Promise<void>): Promise<void> {
  const handle = await open(path, flags);
  try {
    await action(handle);
  } finally {
    await handle.close();
  }
}

/** Names of the files in a folder and below; those that begin with a dot are none of the store's. */
async function namesIn(folder: string, prefix: string): Promise<string[]> {
  const names: string[] = [];
  for (const entry of await entriesOf(folder)) {
    if (entry.name.startsWith(".")) continue;
    if (entry.isDirectory()) names.push(...(await namesIn(join(folder, entry.name), `${prefix}${entry.name}/`)));
    else names.push(prefix + entry.name);
  }
  return names;
}

async function entriesOf(folder: string): Promise<{ readonly name: string; isDirectory(): boolean }[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    throw error;
  }
}
