import { TfliteError } from "./errors.ts";
import { builtinName } from "./builtins.ts";
import { Flatbuffer, type Table } from "./flatbuffer.ts";

/**
 * The parts of a model that are read, as the file has them. Numbers of fields are those of TensorFlow's
 * tensorflow/compiler/mlir/lite/schema/schema.fbs, which only ever appends to its tables.
 */
export interface Model {
  readonly file: Flatbuffer;
  readonly buffers: readonly Table[];
  readonly main: SubGraph;
  readonly subgraphs: number;
}

export interface SubGraph {
  readonly name: string;
  readonly tensors: readonly TensorInfo[];
  /** Indices of tensors. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly operators: readonly OperatorInfo[];
}

export interface TensorInfo {
  readonly index: number;
  /** Where its table lies in the file. */
  readonly offset: number;
  /** As the file has it: perhaps empty, or that of another tensor too. */
  readonly name: string;
  readonly type: number;
  readonly shape: readonly number[];
  /** The shape with -1 for dimensions that are open; undefined when the file has none. */
  readonly signature: readonly number[] | undefined;
  /** Index of its bytes among the buffers. */
  readonly buffer: number;
  readonly isVariable: boolean;
  readonly isExternal: boolean;
  readonly quantization: Table | undefined;
  readonly sparsity: Table | undefined;
}

export interface OperatorInfo {
  readonly index: number;
  readonly offset: number;
  /** Name of the built-in operator; `CUSTOM` for others. */
  readonly kind: string;
  /** Name of a custom operator. */
  readonly custom: string;
  /** Indices of tensors; -1 for an optional input that is left out. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** Which of the tables of options it has: its number in the union `BuiltinOptions`, 0 for none. */
  readonly optionsType: number;
  readonly options: Table | undefined;
}

/** TFLite's kernels go up to 8 axes. */
export const MAX_RANK = 8;

const VERSION = 3;

/** Reads the structure of a model; indices of tensors and buffers are checked. */
export function readModel(bytes: Uint8Array): Model {
  const file = new Flatbuffer(bytes);
  const root = file.root("TFL3");
  const version = root.uint32(0);
  if (version !== VERSION) {
    throw new TfliteError("not-tflite", root.offset, `expected schema version ${VERSION}, got ${version}`);
  }
  const codes = root.tables(1).map(operatorCode);
  const graphs = root.tables(2);
  const buffers = root.tables(4);
  const [main] = graphs;
  if (main === undefined) throw new TfliteError("invalid-model", root.offset, "expected a subgraph, got none");
  return { file, buffers, main: subGraph(main, codes, buffers.length), subgraphs: graphs.length };
}

interface OperatorCode {
  readonly kind: string;
  readonly custom: string;
}

function operatorCode(code: Table): OperatorCode {
  // Numbers above 127 came later, in a wider field; old writers fill only the first, new ones both.
  const builtin = Math.max(code.int8(0), code.int32(3));
  return { kind: builtinName(builtin), custom: code.text(1) };
}

function subGraph(table: Table, codes: readonly OperatorCode[], buffers: number): SubGraph {
  const tensors = table.tables(0).map(tensorInfo);
  for (const { index, offset, buffer } of tensors) {
    if (buffer >= buffers) {
      const message = `tensor ${index}: expected one of ${buffers} buffers, got number ${buffer}`;
      throw new TfliteError("invalid-model", offset, message);
    }
  }
  const indices = (list: readonly number[], owner: string, offset: number, least = 0): readonly number[] => {
    const wrong = list.find((index) => index < least || index >= tensors.length);
    if (wrong === undefined) return list;
    const message = `${owner}: expected one of ${tensors.length} tensors, got number ${wrong}`;
    throw new TfliteError("invalid-model", offset, message);
  };
  const operators = table.tables(3).map((operator, index): OperatorInfo => {
    const { offset } = operator;
    const code = codes[operator.uint32(0)];
    if (code === undefined) {
      const message = `operator ${index}: expected one of ${codes.length} operator codes, got number ${operator.uint32(0)}`;
      throw new TfliteError("invalid-model", offset, message);
    }
    return {
      index,
      offset,
      ...code,
      inputs: indices(operator.int32s(1), `operator ${index}, inputs`, offset, -1),
      outputs: indices(operator.int32s(2), `operator ${index}, outputs`, offset),
      optionsType: operator.uint8(3),
      options: operator.table(4),
    };
  });
  return {
    name: table.text(4),
    tensors,
    inputs: indices(table.int32s(1), "inputs", table.offset),
    outputs: indices(table.int32s(2), "outputs", table.offset),
    operators,
  };
}

function tensorInfo(table: Table, index: number): TensorInfo {
  const { offset } = table;
  const shape = table.int32s(0);
  const signature = table.int32s(7);
  if (Math.max(shape.length, signature.length) > MAX_RANK) {
    const message = `tensor ${index}: expected at most ${MAX_RANK} axes, got ${shape.length}`;
    throw new TfliteError("invalid-tensor", offset, message);
  }
  if (shape.some((dim) => dim < 0) || signature.some((dim) => dim < -1)) {
    throw new TfliteError("invalid-tensor", offset, `tensor ${index}: expected dimensions >= 0, got [${shape}]`);
  }
  return {
    index,
    offset,
    name: table.text(3),
    type: table.int8(1),
    shape,
    signature: signature.length === 0 ? undefined : signature,
    buffer: table.uint32(2),
    isVariable: table.uint8(5) !== 0,
    isExternal: table.uint32(10) !== 0,
    quantization: table.table(4),
    sparsity: table.table(6),
  };
}
