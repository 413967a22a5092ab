import { describe, expect, test } from "vitest";
import { parseEinsum } from "../../../src/ops/composites/einsumEquation.ts";
import { einsum } from "../../../src/ops/index.ts";
import { ArgumentError, ShapeError } from "../../../src/tensor/errors.ts";
import { doubles, expectGradients } from "../../support/differences.ts";
import { readGolden } from "../../support/golden.ts";

interface Value {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}
const { einsum: cases } = readGolden<{ einsum: readonly { equation: string; values: readonly Value[]; y: Value }[] }>(
  new URL("../fixtures/linalg.json", import.meta.url),
);

describe("einsum", () => {
  for (const { equation, values, y } of cases) {
    test(`${equation} agrees with NumPy`, () => {
      const inputs = values.map(({ data, shape }) => doubles(data, shape));
      const found = einsum(equation, ...inputs);
      expect(found.shape).toEqual(y.shape);
      (found.dataSync() as Float64Array).forEach((value, i) => expect(value).toBeCloseTo(y.data[i]!, 11));
      expectGradients((...args) => einsum(equation, ...args), inputs);
    });
  }

  test("reads equations", () => {
    expect(parseEinsum("b...a , a", [3, 1])).toEqual({ inputs: [["b", ".0", "a"], ["a"]], output: [".0", "b"] });
    expect(parseEinsum("...,...", [2, 1]).inputs).toEqual([[".1", ".0"], [".0"]]);
  });

  test("refuses equations that make no sense", () => {
    const refused: readonly [string, readonly number[]][] = [
      ["ij->ik", [2]],
      ["ij->ii", [2]],
      ["ij,jk", [2]],
      ["ijk->i", [2]],
      ["i->i", [2]],
      ["i->i->i", [1]],
      ["i1->i", [2]],
      ["...i...->i", [2]],
    ];
    for (const [equation, ranks] of refused)
      expect(() => parseEinsum(equation, ranks), equation).toThrow(ArgumentError);
    expect(() =>
      einsum(
        "ij,jk",
        [[1, 2]],
        [
          [1, 2],
          [3, 4],
          [5, 6],
        ],
      ),
    ).toThrow(ShapeError);
    expect(() => einsum("ii->i", [[1, 2]])).toThrow('axes labelled "i"');
  });
});
