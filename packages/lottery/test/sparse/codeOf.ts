import { LotteryError } from "../../src/base/errors.ts";

/** Code, tensor and position of the LotteryError that a call throws; fails for any other outcome. */
export function codeOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (!(error instanceof LotteryError)) throw error;
    const where = [error.tensor, error.index === undefined ? undefined : `at ${error.index}`];
    return [error.code, ...where.filter((part) => part !== undefined)].join(" ");
  }
  throw new Error("expected a LotteryError, but nothing was thrown");
}
