import { tensor } from "@parsimony/core-tensor";
import { readTflite } from "@parsimony/core-tensor/tflite";
import { describe, expect, test } from "vitest";
import { buildModel } from "../build.ts";
import { evaluate, single } from "../models.ts";

/** Codes of float16. */
const [ONE, MINUS_TWO, TENTH] = [0x3c00, 0xc000, 0x2e66];

describe("conversions", () => {
  test("QUANTIZE and DEQUANTIZE by hand", async () => {
    const q = { type: "uint8", scale: [0.5], zeroPoint: [10] };
    const down = await evaluate(single("QUANTIZE", [{ shape: [4] }], [q]), { x0: tensor([-9, 0, 1.2, 500]) });
    expect([down.y0?.dtype, down.y0?.toArray()]).toEqual(["uint8", [0, 10, 12, 255]]);
    const up = await evaluate(single("DEQUANTIZE", [{ shape: [3], ...q }], [{}]), {
      x0: tensor([0, 10, 13], { dtype: "uint8" }),
    });
    expect(up.y0?.toArray()).toEqual([-5, 0, 1.5]);
  });

  test("QUANTIZE from one scale to another", async () => {
    const model = single(
      "QUANTIZE",
      [{ shape: [3], type: "int8", scale: [0.5], zeroPoint: [0] }],
      [{ type: "uint8", scale: [1], zeroPoint: [128] }],
    );
    const { y0 } = await evaluate(model, { x0: tensor([-4, 0, 6], { dtype: "int8" }) });
    expect([y0?.dtype, y0?.toArray()]).toEqual(["uint8", [126, 128, 131]]);
  });

  test("float16 constants behind DEQUANTIZE are constants of float32, under the file's name", async () => {
    const model = buildModel({
      tensors: [
        { name: "x", shape: [3] },
        { name: "half", type: "float16", shape: [3], data: [ONE, MINUS_TWO, TENTH] },
        { name: "single", shape: [3] },
        { name: "y", shape: [3] },
      ],
      inputs: [0],
      outputs: [3],
      operators: [
        { op: "DEQUANTIZE", inputs: [1], outputs: [2] },
        { op: "ADD", inputs: [0, 2], outputs: [3] },
      ],
    });
    const { nodes, constants } = readTflite(model);
    expect(nodes.map(({ op }) => op)).toEqual(["add"]);
    expect(constants["single"]?.dtype).toBe("float32");
    expect((await evaluate(model, { x: tensor([0, 0, 0]) })).y?.toArray()).toEqual([1, -2, 0.0999755859375]);
  });

  test("float16 values of the program are cast", async () => {
    const model = single("DEQUANTIZE", [{ shape: [2], type: "float16" }], [{}]);
    const { y0 } = await evaluate(model, { x0: tensor([1.5, -2], { dtype: "float16" }) });
    expect([y0?.dtype, y0?.toArray()]).toEqual(["float32", [1.5, -2]]);
  });

  test("CAST goes by the dtype of the result, and takes quantised numbers as they are stored", async () => {
    const toInt = await evaluate(single("CAST", [{ shape: [3] }], [{ type: "int32" }]), {
      x0: tensor([-1.7, 0.2, 3.9]),
    });
    expect(toInt.y0?.toArray()).toEqual([-1, 0, 3]);
    const model = single("CAST", [{ shape: [2], type: "uint8", scale: [0.5] }], [{}]);
    expect((await evaluate(model, { x0: tensor([3, 200], { dtype: "uint8" }) })).y0?.toArray()).toEqual([3, 200]);
  });
});
