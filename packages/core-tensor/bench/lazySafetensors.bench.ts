/**
 * What it costs to open a file of one gibibyte and to read one tensor of one mebibyte out of it; prints the bytes that
 * were read and the memory that it took. The file is sparse: it takes next to no space on the disk.
 *
 *     npx vitest bench --project unit packages/core-tensor/bench/lazySafetensors.bench.ts --run
 */
import { mkdtempSync, rmSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bench, describe } from "vitest";
import { type FileHandleLike, openSafetensors } from "../src/formats/safetensors/index.ts";
import { collectGarbage } from "../test/formats/fuzz.ts";
import { megabyteTensors } from "../test/formats/safetensors/sources.ts";

const tensors = 1024;
const folder = mkdtempSync(join(tmpdir(), "parsimony-lazy-"));
const path = join(folder, "sparse.safetensors");
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));

const { start, size } = megabyteTensors(tensors);
const written = await open(path, "w");
await written.write(start);
await written.truncate(size);
await written.close();

let bytesRead = 0;
const counted = (handle: FileHandle): FileHandleLike => ({
  stat: () => handle.stat(),
  async read(buffer, offset, length, position) {
    const result = await handle.read(buffer, offset, length, position);
    bytesRead += result.bytesRead;
    return result;
  },
});

const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(3)} MiB`;

const handle = await open(path);
collectGarbage();
const before = process.memoryUsage();
const file = await openSafetensors(counted(handle));
const opened = bytesRead;
const value = await file.tensor(`t${tensors - 1}`);
const after = process.memoryUsage();
console.log(
  [
    `the file has ${mebibytes(size)} in ${file.names.length} tensors`,
    `opening it read ${mebibytes(opened)}; a tensor of ${value.shape.join(" x ")} read ${mebibytes(bytesRead - opened)}`,
    `buffers grew by ${mebibytes(after.arrayBuffers - before.arrayBuffers)}, the heap by ${mebibytes(after.heapUsed - before.heapUsed)}, ` +
      `resident memory by ${mebibytes(after.rss - before.rss)}`,
  ].join("\n"),
);
await handle.close();

describe("a file of 1 GiB with 1024 tensors", () => {
  bench("open, read a tensor of 1 MiB, close", async () => {
    const lazy = await openSafetensors(path);
    await lazy.tensor("t700");
    await lazy.close();
  });
  bench("open, read 10 rows of it (20 KiB), close", async () => {
    const lazy = await openSafetensors(path);
    await lazy.tensor("t700", { start: 100, end: 110 });
    await lazy.close();
  });
});
