import { expect, test } from "vitest";
import { conformalRiskControl } from "../../src/risk/index.ts";

test("the unit of the losses changes nothing: no slack is larger than alpha", () => {
  const losses = Array.from({ length: 10 }, () => [1, 0.5, 0]);
  for (const alpha of [0.01, 0.2, 0.6]) {
    const plain = conformalRiskControl(losses, [0, 1, 2], { alpha });
    const unit = 2 ** -40;
    const small = losses.map((row) => row.map((loss) => loss * unit));
    const scaled = conformalRiskControl(small, [0, 1, 2], { alpha: alpha * unit, bound: unit });
    expect(scaled.index).toBe(plain.index);
  }
});
