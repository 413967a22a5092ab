import { ConformalError } from "../src/base/errors.ts";

/** Code and position of the ConformalError that a call throws; fails for any other outcome. */
export function codeOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (!(error instanceof ConformalError)) throw error;
    return error.index === undefined ? error.code : `${error.code} at ${error.index}`;
  }
  throw new Error("expected a ConformalError, but nothing was thrown");
}
