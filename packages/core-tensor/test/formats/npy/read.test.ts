import { describe, expect, test } from "vitest";
import { NpyError, readNpy, writeNpy } from "../../../src/formats/npy/index.ts";
import { tensor } from "../../../src/tensor/create.ts";
import { expectDescribed, numpyFiles } from "./numpyFiles.ts";

describe("what NumPy wrote", () => {
  test.each(numpyFiles.arrays)("$title", (array) => {
    const before = array.file.slice();
    expectDescribed(readNpy(array.file), array);
    expect(array.file).toEqual(before);
  });

  test.each(Object.entries(numpyFiles.refused))("refused: %s", (_title, file) => {
    const error = expect.objectContaining({ code: "unsupported-dtype", offset: 11 });
    expect(() => readNpy(Buffer.from(file, "base64"))).toThrow(error);
  });
});

test("the file's own bytes serve as storage where they are aligned", () => {
  const file = writeNpy(tensor([[1.5, 2]]));
  expect(readNpy(file).storage.buffer).toBe(file.buffer);
  for (const shift of [1, 4, 7]) {
    const moved = Buffer.alloc(file.length + shift);
    moved.set(file, shift);
    expect(readNpy(moved.subarray(shift)).toArray()).toEqual([[1.5, 2]]);
  }
});

test("Fortran order is a view, not a copy", () => {
  const fortran = numpyFiles.arrays.find(({ title }) => title === "Fortran order");
  const read = readNpy(fortran?.file as Uint8Array);
  expect(read.strides).toEqual([1, 2, 6]);
  expect(read.storage.buffer).toBe(fortran?.file.buffer);
});

describe("damaged", () => {
  const file = writeNpy(tensor([true, false, true]));

  test("every truncation and every addition", () => {
    for (let length = 0; length < file.length; length++) {
      const error = expect.objectContaining({ name: "NpyError", code: "truncated", offset: length });
      expect(() => readNpy(file.subarray(0, length))).toThrow(error);
    }
    const error = expect.objectContaining({ code: "trailing-bytes", offset: file.length });
    expect(() => readNpy(Buffer.concat([file, Uint8Array.of(0)]))).toThrow(error);
  });

  test("a boolean other than 0 and 1, with its place", () => {
    const bad = file.slice();
    bad[bad.length - 1] = 2;
    const error = expect.objectContaining({ code: "invalid-value", offset: bad.length - 1 });
    expect(() => readNpy(bad)).toThrow(error);
    expect(() => readNpy(bad)).toThrow(NpyError);
  });
});
