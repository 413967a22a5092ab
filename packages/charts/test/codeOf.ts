import { ChartError } from "../src/errors.ts";

/** Code and position of the ChartError that a call throws; fails for any other outcome. */
export function codeOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (!(error instanceof ChartError)) throw error;
    return error.index === undefined ? error.code : `${error.code} at ${error.index}`;
  }
  throw new Error("expected a ChartError, but nothing was thrown");
}
