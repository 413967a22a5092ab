import { describe, expect, test } from "vitest";
import { type CoreTensorError, FormatError, UnsupportedError } from "../../src/tensor/errors.ts";
import { fuzz, mutate } from "./fuzz.ts";

const file = new Uint8Array(10_000).map((_, i) => i * 7);

describe("mutate", () => {
  test("the same seed gives the same file, and leaves the original alone", () => {
    const before = file.slice();
    for (let seed = 0; seed < 200; seed++) {
      expect(Buffer.compare(mutate(file, seed), mutate(file, seed))).toBe(0);
    }
    expect(file).toEqual(before);
  });

  test("nearly every seed changes something, in its own way", () => {
    const results = Array.from({ length: 1000 }, (_, seed) => Buffer.from(mutate(file, seed)).toString("latin1"));
    expect(new Set(results).size).toBeGreaterThan(950);
    // A byte may be overwritten by the value that it had.
    const original = Buffer.from(file).toString("latin1");
    expect(results.filter((result) => result === original).length).toBeLessThan(20);
  });

  test("lengths shrink, stay and grow; half of the changes are in the structural part", () => {
    let [shorter, longer, early] = [0, 0, 0];
    const seeds = 2000;
    for (let seed = 0; seed < seeds; seed++) {
      const result = mutate(file, seed, [[0, 100]]);
      if (result.length < file.length) shorter++;
      if (result.length > file.length) longer++;
      const first = result.findIndex((byte, i) => byte !== file[i]);
      if ((first < 0 ? result.length : first) < 356) early++;
    }
    expect(shorter).toBeGreaterThan(seeds / 20);
    expect(longer).toBeGreaterThan(seeds / 20);
    expect(early).toBeGreaterThan(seeds / 2);
    expect(early).toBeLessThan(seeds * 0.9);
  });

  test("files of any length, also empty ones", () => {
    for (const length of [0, 1, 2, 3, 7, 8, 9, 64]) {
      for (let seed = 0; seed < 500; seed++) {
        expect(mutate(new Uint8Array(length), seed).length).toBeLessThan(length + 5000);
      }
    }
  });
});

/** Refuses files of another length. */
function strict(bytes: Uint8Array): Uint8Array {
  if (bytes.length !== file.length) throw new FormatError("strict", bytes.length, `expected ${file.length} bytes`);
  return bytes;
}

const options = { name: "test", files: { "a.bin": file }, count: 300, seed: 1 };

describe("fuzz", () => {
  test("a good reader passes, with counts", async () => {
    const counts = await fuzz({ ...options, read: strict });
    expect(counts).toMatchObject({ name: "test", seed: 1, files: 1, runs: 300 });
    expect(counts.accepted).toBeGreaterThan(0);
    expect(counts.refused).toBeGreaterThan(0);
    expect(counts.errors).toEqual({ FormatError: counts.refused });
    expect(counts.accepted + counts.refused).toBe(300);
  });

  test("readers may be asynchronous", async () => {
    const counts = await fuzz({ ...options, read: async (bytes) => strict(bytes) });
    expect(counts.refused).toBeGreaterThan(0);
  });

  /** A reader that does this to every file but the original. */
  const onDamage =
    (action: () => unknown) =>
    (bytes: Uint8Array): unknown =>
      Buffer.compare(bytes, file) === 0 ? undefined : action();

  const bad: [string, () => unknown, RegExp][] = [
    ["a TypeError", () => (undefined as unknown as Uint8Array).length, /expected a FormatError, got TypeError/],
    ["a plain RangeError", () => new Uint8Array(-1), /expected a FormatError, got RangeError/],
    [
      "something that is no Error",
      () => {
        throw "text";
      },
      /threw no Error: text/,
    ],
    ["a buffer of 1 GB that it drops", () => new Uint8Array(1e9).length, /took (9|10)\d{8} bytes of at most/],
    ["a buffer of 1 GB that it keeps", () => new Uint8Array(1e9), /took (9|10)\d{8} bytes of at most/],
    ["a million objects", () => Array.from({ length: 1e6 }, (_, i) => ({ i })), /took \d+ bytes of at most/],
    [
      "an error without a place",
      () => {
        throw new FormatError("test", undefined as unknown as number, "somewhere");
      },
      /offset undefined is no byte/,
    ],
    [
      "an error outside of the file",
      () => {
        throw new FormatError("test", 1e9, "far away");
      },
      /offset 1000000000 is no byte/,
    ],
    [
      "another of our errors",
      () => {
        throw new UnsupportedError("test", []);
      },
      /expected a FormatError, got UnsupportedError/,
    ],
  ];

  test.each(bad)("reported: %s", async (_title, action, message) => {
    const run = fuzz({ ...options, read: onDamage(action) });
    await expect(run).rejects.toThrow(message);
    await expect(run).rejects.toThrow(/^fuzz test: file a\.bin, seed \d+: /);
  });

  test("reported: a read that takes too long, twice", async () => {
    const wait = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 30));
    const run = fuzz({ ...options, maxMilliseconds: 10, read: onDamage(wait) });
    await expect(run).rejects.toThrow(/took \d+ ms of at most 10/);
  });

  test("other errors of ours pass when they are allowed", async () => {
    const read = onDamage(() => {
      throw new UnsupportedError("test", []);
    });
    const allows = (error: CoreTensorError): boolean => error instanceof UnsupportedError;
    expect((await fuzz({ ...options, read, allows })).errors["UnsupportedError"]).toBeGreaterThan(0);
  });

  test("a file that is refused as it is proves nothing", async () => {
    await expect(fuzz({ ...options, files: { bad: file.slice(1) }, read: strict })).rejects.toThrow(
      /the file bad itself is refused/,
    );
  });

  test("the seed in the message makes the file again", async () => {
    const seen: Uint8Array[] = [];
    const read = onDamage(() => {
      throw new Error("no");
    });
    const run = fuzz({
      ...options,
      seed: 77,
      read: (bytes) => {
        seen.push(bytes);
        return read(bytes);
      },
    });
    const message = await run.then(
      () => "",
      (error: Error) => error.message,
    );
    expect(mutate(file, Number(/seed (\d+)/.exec(message)?.[1]))).toEqual(seen.at(-1));
  });
});
