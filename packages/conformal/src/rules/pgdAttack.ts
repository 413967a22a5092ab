import { checkWhole } from "../base/checks.ts";
import { ConformalError } from "../base/errors.ts";
import { gaussianNoise } from "./gaussianNoise.ts";

/** An objective to maximise, with its gradient in the input. */
export type AttackObjective = (
  x: Float64Array,
) =>
  | { readonly value: number; readonly gradient: ArrayLike<number> }
  | Promise<{ readonly value: number; readonly gradient: ArrayLike<number> }>;

/** Options of `pgdAttack`. */
export interface PgdAttackOptions {
  /** Largest l2 distance from the input, >= 0. */
  readonly radius: number;
  /** Gradient steps of each start. Default 20. */
  readonly steps?: number;
  /** Length of a step. Default `2.5 * radius / steps`. */
  readonly stepSize?: number;
  /** Starts: the first at the input itself, the others in random directions, at the edge of the ball. Default 1. */
  readonly starts?: number;
  /** Smallest and largest value of a coordinate, such as [0, 1] for grey values. Default: no limits. */
  readonly range?: readonly [low: number, high: number];
  /** Seed of the random starts, a whole number >= 0. Default 0. */
  readonly seed?: number;
}

/** The strongest point that an attack found. */
export interface Attack {
  readonly point: Float64Array;
  /** The objective there: at least that of the input itself. */
  readonly value: number;
  /** l2 distance from the input, at most the radius. */
  readonly distance: number;
}

/**
 * Projected gradient ascent in an l2 ball: searches the ball for the input that a model does worst on. Each step goes
 * along the normalised gradient, then into the value range, then back towards the input until it is in the ball. What
 * it finds is an upper bound on the robustness of a model, as certificates are lower bounds; it proves nothing safe.
 *
 * To attack a smoothed model, let the objective average over noisy copies of its own.
 *
 * @param x the input, within `range`
 * @param objective larger is worse for the model, e.g. the loss of the true label
 * @throws ConformalError E_RANGE, E_NAN for a gradient or value that is NaN, E_LENGTH
 * @see Madry et al., Towards deep learning models resistant to adversarial attacks (2018)
 */
export async function pgdAttack(
  x: ArrayLike<number>,
  objective: AttackObjective,
  options: PgdAttackOptions,
): Promise<Attack> {
  const where = "pgdAttack";
  const { radius, steps = 20, starts = 1, range = [-Infinity, Infinity], seed = 0 } = options;
  const { stepSize = (2.5 * radius) / steps } = options;
  checkWhole(where, "steps", steps, 1);
  checkWhole(where, "starts", starts, 1);
  for (const [name, value] of Object.entries({ radius, stepSize })) {
    if (!(value >= 0 && value < Infinity)) {
      throw new ConformalError("E_RANGE", `${where}: ${name} must be finite and >= 0, got ${value}`);
    }
  }
  const center = Float64Array.from(x);
  const outside = center.findIndex((value) => !(value >= range[0] && value <= range[1]));
  if (outside >= 0) {
    const message = `${where}: x[${outside}] must be within [${range.join(", ")}], got ${center[outside]}`;
    throw new ConformalError(Number.isNaN(center[outside]) ? "E_NAN" : "E_RANGE", message, outside);
  }
  const evaluate = async (point: Float64Array): Promise<{ value: number; gradient: ArrayLike<number> }> => {
    const { value, gradient } = await objective(point.slice());
    if (gradient.length !== center.length) {
      throw new ConformalError("E_LENGTH", `${where}: the gradient must have ${center.length} elements`);
    }
    if (Number.isNaN(value)) throw new ConformalError("E_NAN", `${where}: the objective is NaN`);
    return { value, gradient };
  };
  const noise = gaussianNoise(seed, center);
  let best: Attack | undefined;
  const keep = (point: Float64Array, value: number): void => {
    if (best === undefined || value > best.value) best = { point, value, distance: distance(point, center) };
  };
  for (let start = 0; start < starts; start++) {
    let point: Float64Array = center.slice();
    if (start > 0) {
      point = projected(moved(point, center.map(noise), radius), center, radius, range);
    }
    for (let step = 0; step < steps; step++) {
      const { value, gradient } = await evaluate(point);
      keep(point, value);
      point = projected(moved(point, gradient, stepSize), center, radius, range);
    }
    keep(point, (await evaluate(point)).value);
  }
  return best as Attack;
}

/** A step of the given length along a direction. */
function moved(from: Float64Array, direction: ArrayLike<number>, length: number): Float64Array {
  let square = 0;
  for (let k = 0; k < from.length; k++) square += (direction[k] as number) ** 2;
  if (Number.isNaN(square)) throw new ConformalError("E_NAN", "pgdAttack: the gradient has NaN");
  const scale = square > 0 ? length / Math.sqrt(square) : 0;
  return from.map((value, k) => value + scale * (direction[k] as number));
}

/** Into the range, then towards the center, which is in the range as is all between. */
function projected(
  point: Float64Array,
  center: Float64Array,
  radius: number,
  [low, high]: readonly [number, number],
): Float64Array {
  const inside = point.map((value) => Math.min(high, Math.max(low, value)));
  const far = distance(inside, center);
  if (far <= radius) return inside;
  // A little further than need be, so that rounding does not leave the ball.
  const keep = (radius / far) * (1 - 1e-12);
  const clamp = (value: number): number => Math.min(high, Math.max(low, value));
  return inside.map((value, k) => clamp((center[k] as number) + keep * (value - (center[k] as number))));
}

function distance(a: Float64Array, b: Float64Array): number {
  return Math.sqrt(a.reduce((sum, value, k) => sum + (value - (b[k] as number)) ** 2, 0));
}
