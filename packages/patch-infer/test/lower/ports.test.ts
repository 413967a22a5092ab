import { HostTensor, tensor } from "@parsimony/core-tensor";
import { describe, expect, test } from "vitest";
import { packInput, unpackOutput } from "../../src/lower/ports.ts";
import type { FeatureMap, Port } from "../../src/network/network.ts";

const map: FeatureMap = { name: "m", height: 2, width: 3, channels: 2, type: "float32" };
const nchw: Port = { name: "x", map: "m", shape: [1, 2, 2, 3], layout: "nchw", dtype: "float32" };
const numbers = Float32Array.from({ length: 12 }, (_, i) => i);

describe("ports", () => {
  test("images whose channels come first have them moved to the end, and back", () => {
    const cells = packInput(nchw, map, new HostTensor("float32", nchw.shape, numbers));
    expect([...cells]).toEqual([0, 6, 1, 7, 2, 8, 3, 9, 4, 10, 5, 11]);
    expect([...unpackOutput(nchw, map, cells).dataSync()]).toEqual([...numbers]);
  });

  test("all others stand as they are, in memory of their own", () => {
    const port: Port = { ...nchw, shape: [1, 2, 3, 2], layout: "rowMajor" };
    const value = new HostTensor("float32", port.shape, numbers.slice());
    const cells = packInput(port, map, value);
    expect([...cells]).toEqual([...numbers]);
    cells[0] = 99;
    expect(value.dataSync()[0]).toBe(0);
    const output = unpackOutput(port, map, cells);
    cells[0] = 5;
    expect(output.dataSync()[0]).toBe(99);
  });

  test("uint8 codes are 128 lower inside", () => {
    const port: Port = { ...nchw, shape: [1, 4], layout: "rowMajor", dtype: "uint8" };
    const codes: FeatureMap = { ...map, height: 1, width: 1, channels: 4, type: "int8", scale: 1, zeroPoint: 0 };
    const cells = packInput(port, codes, tensor(Uint8Array.of(0, 127, 128, 255), { shape: [1, 4] }));
    expect([...cells]).toEqual([-128, -1, 0, 127]);
    expect([...unpackOutput(port, codes, cells).dataSync()]).toEqual([0, 127, 128, 255]);
  });

  test("what does not fit is refused", () => {
    expect(() => packInput(nchw, map, tensor(numbers, { shape: [1, 2, 3, 2] }))).toThrowError(
      expect.objectContaining({ code: "SHAPE_MISMATCH" }),
    );
    expect(() => packInput(nchw, map, tensor(Int8Array.from(numbers), { shape: [1, 2, 2, 3] }))).toThrowError(
      expect.objectContaining({ code: "DTYPE_MISMATCH" }),
    );
    expect(() => unpackOutput(nchw, map, new Float32Array(11))).toThrowError(
      expect.objectContaining({ code: "SHAPE_MISMATCH" }),
    );
  });
});
