import { once } from "node:events";
import { readlinkSync } from "node:fs";
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { basename, join } from "node:path";
import process from "node:process";
import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { folderStore } from "../../src/node/index.ts";
import { rejection } from "../tickets/helpers.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "folder-store-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** What a lock says of the thread that takes it. */
const taskSource = `
function task() {
  const { readFileSync, readlinkSync } = require("node:fs");
  const folder = "/proc/" + readlinkSync("/proc/thread-self");
  const started = readFileSync(folder + "/stat", "utf8").replace(/.*\\) /, "").split(" ")[19];
  return { id: folder.split("/").at(-1), started };
}`;

const bytes = (...values: number[]): Uint8Array => new Uint8Array(values);

describe("files", () => {
  test("are written, read, listed and removed", async () => {
    const store = folderStore(join(folder, "not/yet"));
    expect([await store.list(""), await store.read("a")]).toEqual([[], undefined]);
    await store.write("b/c.bin", bytes(1, 2));
    await store.write("b/c.bin", bytes(3));
    await store.write("a", bytes());
    expect(await store.list("")).toEqual(["a", "b/c.bin"]);
    expect(await store.list("b/")).toEqual(["b/c.bin"]);
    expect(await store.list("b/c")).toEqual(["b/c.bin"]);
    for (const prefix of ["c/", "a/", "../", "b/../", "b/c.bin/", "/"]) expect(await store.list(prefix)).toEqual([]);
    expect([await store.read("b/c.bin"), await store.read("a"), await store.read("a/d")]).toEqual([
      bytes(3),
      bytes(),
      undefined,
    ]);
    await store.remove("a");
    await store.remove("a");
    expect(await store.list("")).toEqual(["b/c.bin"]);
    // Nothing of the writing is left.
    expect(await readdir(join(folder, "not/yet/b"))).toEqual(["c.bin"]);
  });

  test("never lie outside the folder", async () => {
    const store = folderStore(folder);
    for (const name of ["../x", "/x", "a/../../x", "a//b", ".x", "a/.", "", "a\\b", "a/", "c:x", "a\0"]) {
      expect((await rejection(store.write(name, bytes(1)))).code).toBe("E_STORE");
      expect((await rejection(store.read(name))).code).toBe("E_STORE");
      expect((await rejection(store.remove(name))).code).toBe("E_STORE");
    }
  });

  test("what the file system refuses is an E_STORE with the name", async () => {
    const store = folderStore(folder);
    await store.write("a", bytes(1));
    const error = await rejection(store.write("a/b", bytes(1)));
    expect([error.code, error.message]).toEqual(["E_STORE", expect.stringContaining('"a/b"')]);
  });
});

describe("locks", () => {
  const lock = (name = "experiment"): Promise<() => Promise<void>> =>
    folderStore(folder).lock?.(name) as Promise<() => Promise<void>>;
  const lockPath = (): string => join(folder, ".lock~experiment");
  const left = (owner: object): Promise<void> => writeFile(lockPath(), JSON.stringify(owner));
  const noProcess = 2 ** 22 + 1;

  test("are held by one at a time, and given back", async () => {
    const unlock = await lock();
    expect((await rejection(lock())).code).toBe("E_STORE");
    const other = await lock("b/experiment");
    await other();
    await unlock();
    await (await lock())();
    expect(await folderStore(folder).list("")).toEqual([]);
  });

  test("of a process that has ended are taken over, with what it was writing", async () => {
    await left({ host: hostname(), pid: noProcess, started: "1" });
    await mkdir(join(folder, "level-1"));
    await writeFile(join(folder, "level-1", `.writing~${encodeURIComponent(hostname())}~${noProcess}~1~0~5`), "half");
    await (await lock())();
    expect(await readdir(join(folder, "level-1"))).toEqual([]);
  });

  test("of an earlier process with the number of one that runs are taken over", async () => {
    await left({ host: hostname(), pid: process.pid, started: "1" });
    await (await lock())();
  });

  test.runIf(process.platform === "linux")(
    "of a thread that has ended in a process that goes on are taken over",
    async () => {
      const started = (await readFile(`/proc/${process.pid}/stat`, "utf8")).replace(/.*\) /, "").split(" ")[19];
      const owner = { host: hostname(), pid: process.pid, started };
      const thread = new Worker(
        `setInterval(() => {}, 1000); require('worker_threads').parentPort.postMessage(task()); ${taskSource}`,
        { eval: true },
      );
      const [task] = (await once(thread, "message")) as [object];
      await left({ ...owner, task });
      expect((await rejection(lock())).code).toBe("E_STORE");
      await thread.terminate();
      const unlock = await lock();
      const { task: own } = JSON.parse(await readFile(lockPath(), "utf8")) as { task: { id: string } };
      expect(own.id).toBe(basename(readlinkSync("/proc/thread-self")));
      await unlock();
    },
  );

  test("of another machine, or unreadable ones, are not", async () => {
    await left({ host: "elsewhere", pid: noProcess, started: "1" });
    expect((await rejection(lock())).message).toMatch(/elsewhere.*If that has ended, remove the file/);
    await writeFile(lockPath(), "{");
    expect((await rejection(lock())).code).toBe("E_STORE");
  });

  test("are taken over by one of many", async () => {
    await left({ host: hostname(), pid: noProcess, started: "1" });
    const tries = await Promise.allSettled([lock(), lock(), lock(), lock()]);
    expect(tries.filter(({ status }) => status === "fulfilled").length).toBe(1);
  });
});
