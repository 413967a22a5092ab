import { ConformalError } from "../../base/errors.ts";

/** Throws E_NAN or E_RANGE unless a penalty is finite and >= 0: with a negative one, sets would be no prefixes. */
export function checkPenalty(where: string, lambda: number): void {
  if (typeof lambda === "number" && lambda >= 0 && lambda < Infinity) return;
  const code = Number.isNaN(lambda) ? "E_NAN" : "E_RANGE";
  throw new ConformalError(code, `${where}: lambda must be finite and >= 0, got ${lambda}`);
}
