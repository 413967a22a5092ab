import { parseArgs } from "node:util";

export interface Options {
  readonly quick: boolean;
  /** Only workloads whose names hold one of these texts; empty: all of them. */
  readonly only: readonly string[];
  readonly rounds: number;
  readonly threads: number;
  /** Where the JSON goes. */
  readonly output: string;
}

export const usage = `npm run bench -- [options]
  --quick        about a minute: fewer rounds, without the slowest contenders
  --only NAME    only workloads and sections whose names hold NAME; may be given several times
  --rounds N     turns of each contender (default 15, with --quick 5)
  --threads N    threads of onnxruntime and PyTorch (default 2)
  --output FILE  where the numbers go (default reports/benchmarks/latest.json)
  --help`;

/** Reads the command line; `undefined` when help is asked for. Throws an Error with one sentence for bad options. */
export function readOptions(args: readonly string[], defaultOutput: string): Options | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string", multiple: true, default: [] },
      rounds: { type: "string" },
      threads: { type: "string", default: "2" },
      output: { type: "string", default: defaultOutput },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const count = (name: "rounds" | "threads", text: string): number => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < 1)
      throw new Error(`--${name}: expected a whole number >= 1, got "${text}"`);
    return value;
  };
  return {
    quick: values.quick,
    only: values.only,
    rounds: count("rounds", values.rounds ?? (values.quick ? "5" : "15")),
    threads: count("threads", values.threads),
    output: values.output,
  };
}

/** Is a workload or section of this name wanted? */
export function isWanted({ only }: Options, name: string): boolean {
  return only.length === 0 || only.some((text) => name.includes(text));
}
