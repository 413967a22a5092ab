import { describe, expect, test } from "vitest";
import { NpyError, type NpyErrorCode, readNpz, writeNpz } from "../../../src/formats/npy/index.ts";
import { tensor } from "../../../src/tensor/create.ts";
import { patched, zipRecords } from "./zipRecords.ts";

const archive = writeNpz({ a: tensor([1, 2]), bb: tensor([true]) });
const { local, central, end } = zipRecords(archive);
const [localA, localB] = local as [number, number];
const [centralA, centralB] = central as [number, number];
const sizeOfA = 128 + 8;

describe("refused, with the reason and the place", () => {
  const cases: [string, Uint8Array, NpyErrorCode, number][] = [
    ["no archive", Buffer.from("hello"), "invalid-zip", 5],
    ["nothing", new Uint8Array(0), "invalid-zip", 0],
    ["something behind it", Buffer.concat([archive, Uint8Array.of(0)]), "invalid-zip", archive.length + 1],
    ["something before it", Buffer.concat([Uint8Array.of(0), archive]), "invalid-zip", end + 1],
    ["a comment longer than the file", patched(archive, [end + 20, 2, 1]), "invalid-zip", archive.length],
    ["one part of several", patched(archive, [end + 4, 2, 1]), "unsupported-zip", end],
    ["entries in other parts", patched(archive, [end + 8, 2, 1]), "unsupported-zip", end],
    ["zip64, by the number of entries", patched(archive, [end + 10, 2, 0xffff]), "unsupported-zip", end],
    ["zip64, by the directory's place", patched(archive, [end + 16, 4, 0xffffffff]), "unsupported-zip", end],
    ["a directory elsewhere", patched(archive, [end + 16, 4, centralA - 1]), "invalid-zip", end],
    ["a directory of another size", patched(archive, [end + 12, 4, 0xfffffff0]), "invalid-zip", end],
    ["fewer entries than there are", patched(archive, [end + 8, 2, 1], [end + 10, 2, 1]), "invalid-zip", centralB],
    ["more entries than there are", patched(archive, [end + 8, 2, 3], [end + 10, 2, 3]), "invalid-zip", end],
    ["a record with another signature", patched(archive, [centralB, 4, 0]), "invalid-zip", centralB],
    ["a record that goes on too far", patched(archive, [centralB + 28, 2, 0xffff]), "invalid-zip", centralB],
    ["an encrypted entry", patched(archive, [centralA + 8, 2, 1]), "unsupported-zip", centralA],
    ["strong encryption", patched(archive, [centralA + 8, 2, 0x40]), "unsupported-zip", centralA],
    ["bzip2", patched(archive, [centralA + 10, 2, 12]), "unsupported-zip", centralA],
    ["zip64, by the size of an entry", patched(archive, [centralA + 24, 4, 0xffffffff]), "unsupported-zip", centralA],
    ["zip64, by the place of an entry", patched(archive, [centralA + 42, 4, 0xffffffff]), "unsupported-zip", centralA],
    ["an entry in another part", patched(archive, [centralA + 34, 2, 1]), "unsupported-zip", centralA],
    ["a name in another encoding", patched(archive, [centralA + 46, 2, 0x2ee9]), "unsupported-zip", centralA],
    [
      "a name that is not UTF-8",
      patched(archive, [centralA + 8, 2, 0x800], [centralA + 46, 2, 0x2ee9]),
      "invalid-zip",
      centralA,
    ],
    ["an entry beyond the archive", patched(archive, [centralA + 42, 4, 0xfffffff0]), "invalid-zip", archive.length],
    ["an entry where there is none", patched(archive, [centralB + 42, 4, localB + 1]), "invalid-zip", localB + 1],
    ["another name in the local header", patched(archive, [localA + 30, 2, 0x2e62]), "invalid-zip", localA],
    ["a longer name in the local header", patched(archive, [localA + 26, 2, 6]), "invalid-zip", localA],
    ["a local header that goes on too far", patched(archive, [localA + 26, 2, 0xffff]), "invalid-zip", localA],
    ["other flags", patched(archive, [localA + 6, 2, 1]), "invalid-zip", localA],
    ["another method", patched(archive, [localA + 8, 2, 8]), "invalid-zip", localA],
    ["another checksum in the local header", patched(archive, [localA + 14, 4, 1]), "invalid-zip", localA],
    ["another size in the local header", patched(archive, [localA + 22, 4, sizeOfA + 1]), "invalid-zip", localA],
    ["another size in its zip64 field", patched(archive, [localA + 39, 4, sizeOfA + 1]), "invalid-zip", localA],
    ["another upper half of that size", patched(archive, [localA + 43, 4, 1]), "invalid-zip", localA],
    ["no zip64 field", patched(archive, [localA + 35, 2, 7]), "invalid-zip", localA],
    ["a zip64 field that is too short", patched(archive, [localA + 37, 2, 4]), "invalid-zip", localA],
    ["a zip64 field that is too long", patched(archive, [localA + 37, 2, 99]), "invalid-zip", localA],
    ["content beyond the directory", patched(archive, [centralB + 20, 4, 10_000]), "invalid-zip", localB],
    [
      "a stored entry with two sizes",
      patched(archive, [centralA + 24, 4, 5], [localA + 39, 4, 5]),
      "size-mismatch",
      localA,
    ],
  ];

  test.each(cases)("%s", (_title, bytes, code, offset) => {
    const call = (): unknown => readNpz(bytes);
    expect(call).toThrow(NpyError);
    expect(call).toThrow(expect.objectContaining({ code, offset, format: "npz" }));
  });

  test("a name twice", () => {
    const twice = writeNpz({ a: tensor([1]), b: tensor([2]) });
    const records = zipRecords(twice);
    const [at, own] = [records.central[1] as number, records.local[1] as number];
    const bad = patched(twice, [at + 46, 2, 0x2e61], [own + 30, 2, 0x2e61]);
    expect(() => readNpz(bad)).toThrow(expect.objectContaining({ code: "duplicate-entry", offset: at }));
  });

  test("two entries over the same bytes", () => {
    // The second entry's header and content move into the first one's content.
    const inner = writeNpz({ b: tensor([1]) });
    const outer = writeNpz({ a: tensor(new Uint8Array(inner)), b: tensor([1]) });
    const records = zipRecords(outer);
    const inside = (records.local[0] as number) + 30 + 5 + 20 + 128;
    const bad = patched(outer, [(records.central[1] as number) + 42, 4, inside]);
    expect(() => readNpz(bad)).toThrow(expect.objectContaining({ code: "overlap", offset: inside }));
    const same = patched(
      outer,
      [(records.central[1] as number) + 42, 4, 0],
      [(records.central[1] as number) + 46, 2, 0x2e61],
    );
    expect(() => readNpz(same)).toThrow(NpyError);
  });
});

test("a comment at the end, and one that looks like an end record, are no obstacle", () => {
  for (const comment of [Buffer.from("made by hand"), Buffer.concat([archive.subarray(end), Buffer.from("!")])]) {
    const commented = Buffer.concat([patched(archive, [end + 20, 2, comment.length]), comment]);
    expect(Object.keys(readNpz(commented))).toEqual(["a", "bb"]);
  }
});

test("sizes that stand in the local header itself, and a gap between entries, are accepted", () => {
  const plain = patched(archive, [localA + 18, 4, sizeOfA], [localA + 22, 4, sizeOfA]);
  expect(readNpz(plain)["a"]?.toArray()).toEqual([1, 2]);

  const gap = Buffer.concat([archive.subarray(0, localB), new Uint8Array(10), archive.subarray(localB)]);
  const moved = patched(gap, [end + 10 + 16, 4, centralA + 10], [centralB + 10 + 42, 4, localB + 10]);
  expect(Object.keys(readNpz(moved))).toEqual(["a", "bb"]);
});
