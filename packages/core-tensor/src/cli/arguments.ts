import { parseArgs } from "node:util";

/** What the command was asked for. */
export type Command = { readonly run: "help" } | { readonly run: "version" } | InspectCommand;

export interface InspectCommand {
  readonly run: "inspect";
  readonly file: string;
  readonly json: boolean;
  /** Colours may be used, where the terminal has them. */
  readonly color: boolean;
  readonly layers: number | "all";
  /** Numbers of named dimensions. */
  readonly dims: Readonly<Record<string, number>>;
  /** Shapes of inputs. */
  readonly shapes: Readonly<Record<string, readonly (number | string)[]>>;
}

/** The command line makes no sense; the message says what was expected. */
export class UsageError extends Error {
  override name = "UsageError";
}

export const usage = `Usage: npx @parsimony/core-tensor inspect <file> [options]

Shows what is in a model (.onnx, .tflite): inputs, outputs, operators, and for every node its result, its
multiply-accumulates, its parameters and the memory that it needs; or in a file of tensors (.safetensors, .npy, .npz).

Options:
  --dims name=number      a number for a named dimension, as in --dims batch=1,tokens=128; may be repeated
  --shape input=1,3,8,8   the shape of an input; may be repeated
  --layers number|all     how many nodes to show, those that need the most memory (default 25)
  --json                  print everything as JSON
  --no-color              no colours; they are also left out when NO_COLOR is set or the output is no terminal
  --help, -h              this text
  --version, -v           the version of the package

Exit codes: 0 the file was read; 1 it cannot be read, or holds something that is not supported; 2 wrong usage.
`;

/**
 * The arguments after the program's name.
 *
 * @throws UsageError when they make no sense.
 */
export function parseCommand(args: readonly string[]): Command {
  const { values, positionals } = parse(args);
  if (values.help) return { run: "help" };
  if (values.version) return { run: "version" };
  const [command, file, ...rest] = positionals;
  if (command === undefined) throw new UsageError("expected the command inspect, got none");
  if (command !== "inspect") throw new UsageError(`expected the command inspect, got ${JSON.stringify(command)}`);
  if (file === undefined) throw new UsageError("expected a file, got none");
  if (rest.length > 0) throw new UsageError(`expected one file, got ${positionals.length - 1}`);
  return {
    run: "inspect",
    file,
    json: values.json ?? false,
    color: !(values["no-color"] ?? false),
    layers: parseLayers(values.layers ?? "25"),
    dims: Object.fromEntries((values.dims ?? []).flatMap((text) => text.split(",").map(parseDim))),
    shapes: Object.fromEntries((values.shape ?? []).map(parseShape)),
  };
}

interface Parsed {
  readonly values: {
    readonly json?: boolean;
    readonly "no-color"?: boolean;
    readonly help?: boolean;
    readonly version?: boolean;
    readonly layers?: string;
    readonly dims?: string[];
    readonly shape?: string[];
  };
  readonly positionals: readonly string[];
}

function parse(args: readonly string[]): Parsed {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        json: { type: "boolean" },
        "no-color": { type: "boolean" },
        help: { type: "boolean", short: "h" },
        version: { type: "boolean", short: "v" },
        layers: { type: "string" },
        dims: { type: "string", multiple: true },
        shape: { type: "string", multiple: true },
      },
    });
  } catch (error) {
    // Only the first sentence: the others explain how to escape what was probably a slip.
    if (error instanceof Error) throw new UsageError(error.message.split(". ")[0]);
    throw error;
  }
}

function parseLayers(text: string): number | "all" {
  if (text === "all") return text;
  if (!isNumber(text)) throw new UsageError(`--layers: expected a whole number or all, got ${JSON.stringify(text)}`);
  return Number(text);
}

function parseDim(text: string): [string, number] {
  const at = text.lastIndexOf("=");
  const size = text.slice(at + 1);
  if (at < 1 || !isNumber(size)) {
    throw new UsageError(`--dims: expected name=number, got ${JSON.stringify(text)}`);
  }
  return [text.slice(0, at), Number(size)];
}

/** The last `=`, because names of inputs may have some. */
function parseShape(text: string): [string, (number | string)[]] {
  const at = text.lastIndexOf("=");
  if (at < 1) throw new UsageError(`--shape: expected input=1,3,8,8, got ${JSON.stringify(text)}`);
  const list = text.slice(at + 1).replace(/^\[(.*)\]$/, "$1");
  const dims = list === "" ? [] : list.split(",").map((dim) => dim.trim());
  const wrong = dims.find((dim) => !isNumber(dim) && !/^[A-Za-z_][A-Za-z0-9_.]*$/.test(dim));
  if (wrong !== undefined) {
    throw new UsageError(`--shape: expected whole numbers and names, got ${JSON.stringify(wrong)}`);
  }
  return [text.slice(0, at), dims.map((dim) => (isNumber(dim) ? Number(dim) : dim))];
}

function isNumber(text: string): boolean {
  return /^\d{1,15}$/.test(text);
}
