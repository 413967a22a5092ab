import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import {
  SafetensorsError,
  type SafetensorsSource,
  openSafetensors,
  parseSafetensors,
  readSafetensors,
  serializeSafetensors,
  writeSafetensors,
} from "../../../src/formats/safetensors/index.ts";
import { tensor } from "../../../src/tensor/create.ts";
import { ArgumentError, CoreTensorError } from "../../../src/tensor/errors.ts";
import { counting, countingBytes, megabyteTensors } from "./sources.ts";

const table = tensor(
  Float32Array.from({ length: 12 }, (_, i) => i / 2),
  { shape: [4, 3] },
);
const file = writeSafetensors(
  {
    table,
    scalar: tensor(7n),
    flags: tensor([true, false, true]),
    empty: tensor([], { shape: [0, 5], dtype: "float16" }),
    hollow: tensor([], { shape: [3, 0] }),
  },
  { metadata: { made: "here" } },
);
const headerBytes = 8 + new DataView(file.buffer).getUint32(0, true);

let folder: string;
let path: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "parsimony-open-"));
  path = join(folder, "a b.safetensors");
  writeFileSync(path, file);
});
afterAll(() => rmSync(folder, { recursive: true }));

test("names, metadata and types come from 8 bytes and the header", async () => {
  const source = countingBytes(file);
  const lazy = await openSafetensors(source);
  expect(source.reads).toEqual([
    [0, 8],
    [8, headerBytes - 8],
  ]);
  expect(lazy.names).toEqual(Object.keys(readSafetensors(file).tensors));
  expect(lazy.metadata).toEqual({ made: "here" });
  expect(lazy.info("table")).toEqual({ dtype: "F32", shape: [4, 3], bytes: 48 });
  expect(source.reads).toHaveLength(2);
});

describe("every kind of source gives the tensors that readSafetensors gives", () => {
  const whole = readSafetensors(file).tensors;
  const check = async (source: SafetensorsSource): Promise<void> => {
    const lazy = await openSafetensors(source);
    for (const name of lazy.names) {
      const [read, expected] = [await lazy.tensor(name), whole[name]];
      expect([read.dtype, read.shape, read.toArray()]).toEqual([expected?.dtype, expected?.shape, expected?.toArray()]);
    }
    await lazy.close();
  };

  test("{ size, read }", () => check(countingBytes(file)));
  test("a Blob", () => check(new Blob([file])));
  test("a path", () => check(path));
  test("a file URL", () => check(pathToFileURL(path)));
  test("a FileHandle, which stays open", async () => {
    const handle = await open(path);
    await check(handle);
    await check(handle);
    await handle.close();
  });
  test("a FileHandle that gives a few bytes at a time", () =>
    check({
      stat: async () => ({ size: file.length }),
      read: async (buffer, offset, length, position) => {
        const bytesRead = Math.min(length, 3);
        buffer.set(file.subarray(position, position + bytesRead), offset);
        return { bytesRead };
      },
    }));
});

test("rows are read alone", async () => {
  const source = countingBytes(file);
  const lazy = await openSafetensors(source);
  const before = source.total();
  const rows = await lazy.tensor("table", { start: 1, end: 3 });
  expect([rows.shape, rows.toArray()]).toEqual([
    [2, 3],
    [
      [1.5, 2, 2.5],
      [3, 3.5, 4],
    ],
  ]);
  expect(source.total() - before).toBe(24);
  expect((await lazy.tensor("table", { start: 3 })).shape).toEqual([1, 3]);
  expect((await lazy.tensor("table", { end: 1 })).toArray()).toEqual([[0, 0.5, 1]]);
  expect((await lazy.tensor("table", {})).toArray()).toEqual(table.toArray());
  expect((await lazy.tensor("table", { start: 4 })).shape).toEqual([0, 3]);
  expect((await lazy.tensor("hollow", { start: 1 })).shape).toEqual([2, 0]);
  expect((await lazy.tensor("empty", { start: 0, end: 0 })).shape).toEqual([0, 5]);
});

test("rows agree with the same rows of the whole tensor", async () => {
  const shapes = fc.array(fc.nat({ max: 4 }), { minLength: 1, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(shapes, fc.nat(), fc.nat(), async (shape, a, b) => {
      const size = shape.reduce((product, dim) => product * dim, 1);
      const value = tensor(
        Int32Array.from({ length: size }, (_, i) => i),
        { shape },
      );
      const lazy = await openSafetensors(new Blob([writeSafetensors({ value })]));
      const rows = shape[0] as number;
      const [start, end] = [a % (rows + 1), b % (rows + 1)].toSorted((x, y) => x - y) as [number, number];
      const read = await lazy.tensor("value", { start, end });
      expect(read.shape).toEqual([end - start, ...shape.slice(1)]);
      expect(read.toArray()).toEqual((value.toArray() as number[][]).slice(start, end));
    }),
  );
});

test("raw gives the bytes of types that Tensor does not have", async () => {
  const bytes = serializeSafetensors({ w: { dtype: "U16", shape: [3], bytes: Uint8Array.of(1, 0, 2, 0, 3, 0) } });
  const lazy = await openSafetensors(new Blob([bytes]));
  expect(lazy.info("w").dtype).toBe("U16");
  expect(await lazy.raw("w")).toEqual(parseSafetensors(bytes).tensors["w"]);
  expect((await lazy.raw("w", { start: 2 })).bytes).toEqual(Uint8Array.of(3, 0));
  await expect(lazy.tensor("w")).rejects.toThrow(expect.objectContaining({ code: "unknown-dtype" }));
});

test("a gigabyte: a tensor of a mebibyte costs a mebibyte of reads, and of memory", async () => {
  const { start, size } = megabyteTensors(1024);
  const source = counting(size, (offset, length) => {
    const bytes = new Uint8Array(length);
    bytes.set(start.subarray(Math.min(offset, start.length), offset + length));
    return bytes;
  });
  const before = process.memoryUsage();
  const lazy = await openSafetensors(source);
  const value = await lazy.tensor("t700");
  const after = process.memoryUsage();
  expect(lazy.names).toHaveLength(1024);
  expect(value.shape).toEqual([512, 512]);
  expect(source.total()).toBe(start.length + 2 ** 20);
  expect(start.length).toBeLessThan(100_000);
  expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(1.5 * 2 ** 20);
  expect(after.heapUsed - before.heapUsed).toBeLessThan(8 * 2 ** 20);
});

describe("files that are refused", () => {
  test("as readSafetensors refuses them, at the same byte", async () => {
    for (let length = 0; length < headerBytes; length++) {
      const cut = file.subarray(0, length);
      const lazy = openSafetensors(countingBytes(cut));
      const error = await lazy.catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(SafetensorsError);
      expect(() => readSafetensors(cut)).toThrow(error as SafetensorsError);
    }
    await expect(openSafetensors(new Blob([file, "x"]))).rejects.toThrow(
      expect.objectContaining({ code: "trailing-bytes", offset: file.length }),
    );
  });

  test("a header that claims to be huge is not read", async () => {
    const source = counting(1e12, () => new Uint8Array(8).fill(255));
    await expect(openSafetensors(source)).rejects.toThrow(expect.objectContaining({ code: "header-too-large" }));
    expect(source.reads).toEqual([[0, 8]]);
  });

  test("a boolean other than 0 and 1, at its place in the file", async () => {
    const bad = file.slice();
    const { begin } = await placeOf("flags");
    bad[begin + 2] = 9;
    const lazy = await openSafetensors(new Blob([bad]));
    const error = expect.objectContaining({ code: "invalid-value", offset: begin + 2 });
    await expect(lazy.tensor("flags")).rejects.toThrow(error);
    await expect(lazy.tensor("flags", { start: 1 })).rejects.toThrow(error);
    expect((await lazy.tensor("flags", { end: 2 })).toArray()).toEqual([true, false]);
  });

  /** Where a tensor lies, from the read that it causes. */
  async function placeOf(name: string): Promise<{ begin: number }> {
    const source = countingBytes(file);
    await (await openSafetensors(source)).tensor(name);
    return { begin: source.reads.at(-1)?.[0] as number };
  }

  test("a file that is cut after it was opened", async () => {
    let present = file.length;
    const source = counting(file.length, (offset, length) => file.slice(offset, Math.min(present, offset + length)));
    const lazy = await openSafetensors(source);
    present = file.length - 1;
    await expect(lazy.tensor(lazy.names.at(-1) as string)).rejects.toThrow(
      expect.objectContaining({ code: "truncated", offset: file.length - 1 }),
    );
  });

  test("a file by its path is closed when it is no safetensors", async () => {
    const bad = join(folder, "bad");
    writeFileSync(bad, "hello, this is text");
    await expect(openSafetensors(bad)).rejects.toThrow(SafetensorsError);
    await expect(openSafetensors(join(folder, "nowhere"))).rejects.toThrow(/ENOENT/);

    let closed = 0;
    const close = async (): Promise<number> => closed++;
    const handles = [
      { stat: async () => ({ size: 9 }), read: async () => ({ bytesRead: 0 }), close },
      { stat: async () => Promise.reject(new Error("gone")), close },
    ];
    vi.stubGlobal("process", { getBuiltinModule: () => ({ open: async () => handles.shift() }) });
    try {
      await expect(openSafetensors("x")).rejects.toThrow(expect.objectContaining({ code: "truncated", offset: 0 }));
      expect(closed).toBe(1);
      await expect(openSafetensors("x")).rejects.toThrow("gone");
      expect(closed).toBe(2);
    } finally {
      vi.unstubAllGlobals();
    }
  });
});

describe("wrong calls", () => {
  test("a name that is not there", async () => {
    const lazy = await openSafetensors(path);
    expect(() => lazy.info("tabel")).toThrow(/name: expected one of the file's 5 tensors \(.*"table".*\), got "tabel"/);
    await expect(lazy.tensor("__proto__")).rejects.toThrow(ArgumentError);
    await expect(lazy.raw("toString")).rejects.toThrow(ArgumentError);
    await lazy.close();
  });

  test.each([{ start: -1 }, { end: 5 }, { start: 3, end: 2 }, { start: 0.5 }, { end: Number.NaN }])(
    "rows %j",
    async (rows) => {
      const lazy = await openSafetensors(new Blob([file]));
      await expect(lazy.tensor("table", rows)).rejects.toThrow(/rows of "table": expected 0 <= start <= end <= 4/);
    },
  );

  test("rows of a scalar", async () => {
    const lazy = await openSafetensors(new Blob([file]));
    await expect(lazy.tensor("scalar", { end: 1 })).rejects.toThrow(/expected none \(it is a scalar\)/);
  });

  test("reading from a closed file; closing twice is once", async () => {
    const lazy = await openSafetensors(path);
    await Promise.all([lazy.close(), lazy[Symbol.asyncDispose]()]);
    await lazy.close();
    await expect(lazy.tensor("table")).rejects.toThrow(/expected an open file, got one that was closed/);
    expect(lazy.names).toContain("table");
  });

  const wrong: [string, unknown, RegExp][] = [
    ["nothing", undefined, /source: expected .*a path.*, got undefined/],
    ["null", null, /got null/],
    ["the bytes themselves", 3, /got number/],
    ["an object without the members", {}, /got object/],
    ["a size that is none", { size: 1.5, read: () => expect.unreachable() }, /size of the source: .* got 1.5/],
    ["a web address", new URL("https://example.org/x"), /expected a file URL; .*fetch.*, got https:/],
  ];
  test.each(wrong)("a source that is %s", async (_title, source, message) => {
    const opening = openSafetensors(source as SafetensorsSource);
    await expect(opening).rejects.toThrow(message);
    await expect(opening).rejects.toThrow(CoreTensorError);
  });

  test("a source that gives more than was asked for", async () => {
    await expect(openSafetensors(counting(100, () => new Uint8Array(9)))).rejects.toThrow(
      /expected 8 bytes from read\(0, 8\), got 9/,
    );
  });

  test("a path where there is no file system", async () => {
    vi.stubGlobal("process", undefined);
    try {
      await expect(openSafetensors("x")).rejects.toThrow(/no node:fs here/);
      expect((await openSafetensors(new Blob([file]))).names).toHaveLength(5);
    } finally {
      vi.unstubAllGlobals();
    }
  });
});
