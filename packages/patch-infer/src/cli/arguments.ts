import { resolve } from "node:path";
import { parseArgs } from "node:util";
import type { InputMode, OutputMode, Overlap } from "../plan/plan.ts";
import { parseBytes, parseShare } from "./amounts.ts";

/** What the command was asked for. */
export type Command = { readonly run: "help" } | { readonly run: "version" } | PlanCommand;

export interface PlanCommand {
  readonly run: "plan";
  readonly file: string;
  /** Numbers of named dimensions, and shapes of inputs (ONNX, TFLite). */
  readonly dims: Readonly<Record<string, number>>;
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  /** Options of the search; what was not asked for is not there. */
  readonly search: {
    readonly memoryBudget?: number;
    readonly maxOverhead?: number;
    readonly objective?: "peak" | "macs";
    readonly maxGrid?: number;
    readonly overlaps?: readonly Overlap[];
    readonly singleSplit?: boolean;
    readonly input?: InputMode;
    readonly output?: OutputMode;
    readonly inPlace?: boolean;
    readonly accumulateIntoResidual?: boolean;
    readonly align?: 1 | 4 | 8 | 16;
  };
  /** Files and the folder to write. */
  readonly report?: string;
  readonly onnx?: string;
  readonly c?: string;
  readonly json?: string;
  /** Run the plan and the whole image on random inputs and compare. */
  readonly verify: boolean;
}

/** The command line makes no sense; the message says what was expected. */
export class UsageError extends Error {
  override name = "UsageError";
}

export const usage = `Usage: npx @parsimony/patch-infer <model.tflite|model.onnx> [options]

Plans how a CNN runs patch by patch in a small arena, with the same numbers as on the whole image, and prints the plan:
which layers run together, over how many patches, how large the arena is and how many multiply-accumulates it costs.

What is wanted:
  --budget size           bytes that the arena may have: 65536, 64k, 1.5M (powers of 1024)
  --max-overhead share    multiply-accumulates that may be added: 10% or 0.1
  --objective peak|macs   the smallest arena, or the fewest multiply-accumulates (default: macs with --budget, else peak)

Which plans are looked at:
  --overlap list          how patches deal with what two of them need, among recompute, cacheColumns, cacheRows,
                          cacheBoth, separated by commas (default: all)
  --single-split          one stage of patches, from the first layer on, as in MCUNetV2
  --max-grid number       patches along an axis (default 16)
  --input mode            external (default), callback: inputs are elsewhere, and only the part that a patch needs is
                          in the arena; resident: they are in the arena as a whole
  --output mode           external (default): outputs leave the arena when they are made; resident
  --no-in-place           no layer overwrites its input
  --no-accumulate         no convolution adds into the buffer of a residual
  --align bytes           1, 4, 8 or 16 (default 4; never less than a number)

What is written:
  --report file.html      a page with charts and tables
  --json file.json        the plan
  --onnx file.onnx        the plan as an ONNX model
  --c folder              the plan as C99
  --verify                run the plan and the whole image on random inputs and compare every bit

About the model:
  --dims name=number      a number for a named dimension, as in --dims batch=1; may be repeated
  --shape input=1,3,8,8   the shape of an input; may be repeated

  --help, -h              this text
  --version, -v           the version of the package

Exit codes: 0 a plan was found; 1 no plan fits (the smallest that can be reached is printed); 2 wrong usage; 3 the model
cannot be read or holds something that is not supported, or a file cannot be written; 4 --verify found a difference.
`;

const overlaps = ["recompute", "cacheColumns", "cacheRows", "cacheBoth"] as const;
const inputs = ["resident", "external", "callback"] as const;
const outputs = ["resident", "external"] as const;
const objectives = ["peak", "macs"] as const;
const alignments = ["1", "4", "8", "16"] as const;
const written = ["report", "onnx", "c", "json"] as const;
type WrittenOption = (typeof written)[number];

/**
 * The arguments after the program's name.
 *
 * @throws UsageError when they make no sense.
 */
export function parseCommand(args: readonly string[]): Command {
  const { values, positionals } = parse(args);
  if (values.help) return { run: "help" };
  if (values.version) return { run: "version" };
  const [file, ...rest] = positionals;
  if (file === undefined) throw new UsageError("expected a model, got none");
  if (rest.length > 0) throw new UsageError(`expected one model, got ${positionals.length}`);
  return {
    run: "plan",
    file,
    dims: Object.fromEntries((values.dims ?? []).flatMap((text) => text.split(",").map(parseDim))),
    shapes: Object.fromEntries((values.shape ?? []).map(parseShape)),
    search: {
      ...given("memoryBudget", values.budget, (text) =>
        positive("--budget", parseBytes(text), "a size such as 64k", text),
      ),
      ...given("maxOverhead", values["max-overhead"], (text) => share(text)),
      ...given("objective", values.objective, (text) => choice("--objective", text, objectives)),
      ...given("maxGrid", values["max-grid"], (text) =>
        positive("--max-grid", /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN, "a whole number", text),
      ),
      ...given("overlaps", values.overlap, (text) =>
        text.split(",").map((each) => choice("--overlap", each.trim(), overlaps)),
      ),
      ...given("singleSplit", values["single-split"], (flag) => flag),
      ...given("input", values.input, (text) => choice("--input", text, inputs)),
      ...given("output", values.output, (text) => choice("--output", text, outputs)),
      ...given("inPlace", values["no-in-place"], (flag) => !flag),
      ...given("accumulateIntoResidual", values["no-accumulate"], (flag) => !flag),
      ...given("align", values.align, (text) => Number(choice("--align", text, alignments)) as 1 | 4 | 8 | 16),
    },
    ...pathsOf(file, values),
    verify: values.verify ?? false,
  };
}

const text = { type: "string" } as const;
const texts = { type: "string", multiple: true } as const;
const flag = { type: "boolean" } as const;
const options = {
  budget: text,
  "max-overhead": text,
  objective: text,
  overlap: text,
  "single-split": flag,
  "max-grid": text,
  input: text,
  output: text,
  "no-in-place": flag,
  "no-accumulate": flag,
  align: text,
  report: text,
  json: text,
  onnx: text,
  c: text,
  verify: flag,
  dims: texts,
  shape: texts,
  help: { ...flag, short: "h" },
  version: { ...flag, short: "v" },
} as const;

function parse(
  args: readonly string[],
): ReturnType<typeof parseArgs<{ args: string[]; allowPositionals: true; options: typeof options }>> {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options });
  } catch (error) {
    // Only the first sentence: the others explain how to escape what was probably a slip.
    if (error instanceof Error) throw new UsageError(error.message.split(". ")[0]);
    throw error;
  }
}

/** A member of an object, if there is a value to make it from. */
function given<Key extends string, From, To>(
  key: Key,
  value: From | undefined,
  read: (value: From) => To,
): { [K in Key]?: To } {
  return (value === undefined ? {} : { [key]: read(value) }) as { [K in Key]?: To };
}

/** Where to write. No file is written over another, and none over the model. */
function pathsOf(
  model: string,
  values: Readonly<Partial<Record<WrittenOption, string>>>,
): Partial<Record<WrittenOption, string>> {
  const taken = new Set([resolve(model)]);
  const chosen = written.flatMap((option) => {
    const path = values[option];
    if (path === undefined) return [];
    if (path === "") throw new UsageError(`--${option}: expected a path, got ""`);
    if (taken.has(resolve(path))) throw new UsageError(`--${option}: ${path} is the model, or written already`);
    taken.add(resolve(path));
    return [[option, path]];
  });
  return Object.fromEntries(chosen) as Partial<Record<WrittenOption, string>>;
}

function choice<T extends string>(option: string, found: string, known: readonly T[]): T {
  const chosen = known.find((each) => each === found);
  if (chosen !== undefined) return chosen;
  throw new UsageError(`${option}: expected ${known.join(", ")}, got ${JSON.stringify(found)}`);
}

function positive(option: string, value: number, expected: string, found: string): number {
  if (value > 0) return value;
  throw new UsageError(`${option}: expected ${expected}, got ${JSON.stringify(found)}`);
}

function share(found: string): number {
  const value = parseShare(found);
  if (value >= 0) return value;
  throw new UsageError(`--max-overhead: expected a share such as 10%, got ${JSON.stringify(found)}`);
}

function parseDim(found: string): [string, number] {
  const at = found.lastIndexOf("=");
  const size = found.slice(at + 1);
  if (at < 1 || !isWhole(size)) throw new UsageError(`--dims: expected name=number, got ${JSON.stringify(found)}`);
  return [found.slice(0, at), Number(size)];
}

/** The last `=`, because names of inputs may have some. */
function parseShape(found: string): [string, number[]] {
  const at = found.lastIndexOf("=");
  const sizes = found.slice(at + 1).split(",");
  if (at < 1 || !sizes.every(isWhole)) {
    throw new UsageError(`--shape: expected input=1,3,8,8, got ${JSON.stringify(found)}`);
  }
  return [found.slice(0, at), sizes.map(Number)];
}

function isWhole(found: string): boolean {
  return /^\d{1,15}$/.test(found.trim());
}
