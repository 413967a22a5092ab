import { parseArgs } from "node:util";
import { type BackendName, backendNames } from "./backends.ts";

export interface Options {
  readonly epochs: number;
  readonly seed: number;
  readonly backend: BackendName;
  /** Allowed share of test images whose set misses the true digit. */
  readonly alpha: number;
  readonly output: string;
}

export const usage = `npm start -- [options]
  --epochs N     passes over the training images (default 6)
  --backend B    ${backendNames.join(" | ")} (default onnxruntime)
  --seed S       whole number; the same seed prints the same numbers on the same backend (default 0)
  --alpha A      allowed miscoverage, between 0 and 1 (default 0.1: sets that hold the digit 90 % of the time)
  --output DIR   where the report goes (default reports/quickstart)
  --help`;

/** Reads the command line; `undefined` when help is asked for. Throws an Error with one sentence for bad options. */
export function readOptions(args: readonly string[], defaultOutput: string): Options | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      epochs: { type: "string", default: "6" },
      backend: { type: "string", default: "onnxruntime" },
      seed: { type: "string", default: "0" },
      alpha: { type: "string", default: "0.1" },
      output: { type: "string", default: defaultOutput },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const number = (name: "epochs" | "seed" | "alpha", fits: (value: number) => boolean, expected: string): number => {
    const value = Number(values[name]);
    if (!fits(value)) throw new Error(`--${name}: expected ${expected}, got "${values[name]}"`);
    return value;
  };
  const backend = backendNames.find((name) => name === values.backend);
  if (backend === undefined) throw new Error(`--backend: expected ${backendNames.join(", ")}, got "${values.backend}"`);
  return {
    epochs: number("epochs", (value) => Number.isInteger(value) && value > 0, "a whole number > 0"),
    seed: number("seed", (value) => Number.isSafeInteger(value) && value >= 0, "a whole number >= 0"),
    alpha: number("alpha", (value) => value > 0 && value < 1, "a number between 0 and 1"),
    backend,
    output: values.output,
  };
}
