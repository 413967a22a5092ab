import { expect, test } from "vitest";
import { ConformalError } from "../../src/base/errors.ts";
import { type AttackObjective, pgdAttack } from "../../src/rules/pgdAttack.ts";

const linear: AttackObjective = (x) => ({ value: 3 * (x[0] as number) - 4 * (x[1] as number), gradient: [3, -4] });

test("a linear objective is maximised at the edge of the ball", async () => {
  const { point, value, distance } = await pgdAttack([0.5, 0.5], linear, { radius: 0.1 });
  expect(point[0]).toBeCloseTo(0.56, 10);
  expect(point[1]).toBeCloseTo(0.42, 10);
  expect(value).toBeCloseTo(0, 9);
  expect(distance).toBeLessThanOrEqual(0.1);
});

test("stays in the value range and the ball, to the bit", async () => {
  for (const radius of [0.05, 0.5, 3]) {
    const { point, distance } = await pgdAttack([0.98, 0.01], linear, { radius, range: [0, 1], starts: 4, seed: 7 });
    expect(Math.max(...point)).toBeLessThanOrEqual(1);
    expect(Math.min(...point)).toBeGreaterThanOrEqual(0);
    expect(distance).toBeLessThanOrEqual(radius);
    expect(Math.hypot((point[0] as number) - 0.98, (point[1] as number) - 0.01)).toBeLessThanOrEqual(radius);
  }
  const corner = await pgdAttack([0.5, 0.5], linear, { radius: 3, range: [0, 1] });
  expect([...corner.point]).toEqual([1, 0]);
});

test("restarts leave a flat start and a local maximum", async () => {
  // Flat at the input, a hill to the right.
  const hill: AttackObjective = (x) => {
    const t = Math.max(0, x[0] as number);
    return { value: t * t, gradient: [2 * t, 0] };
  };
  expect((await pgdAttack([0, 0], hill, { radius: 1 })).value).toBe(0);
  const found = await pgdAttack([0, 0], hill, { radius: 1, starts: 5, seed: 3 });
  expect(found.value).toBeGreaterThan(0.99);
  expect(await pgdAttack([0, 0], hill, { radius: 1, starts: 5, seed: 3 })).toEqual(found);
});

test("never worse than the input, radius zero is the input, and promises are awaited", async () => {
  const bowl: AttackObjective = async (x) => ({ value: -((x[0] as number) ** 2), gradient: [-2 * (x[0] as number)] });
  expect((await pgdAttack([0], bowl, { radius: 1, starts: 3 })).value).toBe(-0);
  const still = await pgdAttack([0.3], bowl, { radius: 0 });
  expect([[...still.point], still.distance]).toEqual([[0.3], 0]);
});

test("bad input", async () => {
  const code = (call: Promise<unknown>) =>
    call.then(
      () => "none",
      (error: unknown) => (error instanceof ConformalError ? error.code : "other"),
    );
  expect(await code(pgdAttack([0, 0], linear, { radius: -1 }))).toBe("E_RANGE");
  expect(await code(pgdAttack([0, 0], linear, { radius: 1, steps: 0 }))).toBe("E_RANGE");
  expect(await code(pgdAttack([0, 2], linear, { radius: 1, range: [0, 1] }))).toBe("E_RANGE");
  expect(await code(pgdAttack([0, Number.NaN], linear, { radius: 1 }))).toBe("E_NAN");
  expect(await code(pgdAttack([0, 0, 0], linear, { radius: 1 }))).toBe("E_LENGTH");
  expect(await code(pgdAttack([0], () => ({ value: 0, gradient: [Number.NaN] }), { radius: 1 }))).toBe("E_NAN");
  expect(await code(pgdAttack([0], () => ({ value: Number.NaN, gradient: [1] }), { radius: 1 }))).toBe("E_NAN");
});
