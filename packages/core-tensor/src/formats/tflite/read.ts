import { Recording } from "../../graph/recording.ts";
import type { Graph } from "../../ops/program.ts";
import type { DType } from "../../tensor/dtype.ts";
import { UnsupportedError } from "../../tensor/errors.ts";
import { isHostTensor } from "../../tensor/host.ts";
import { Constants } from "./constants.ts";
import { TfliteError } from "./errors.ts";
import { quote } from "../quote.ts";
import { type Shapes, checkShapes, inputShape } from "./inputs.ts";
import { type Held, fileOrder, isFileOrder } from "./layout.ts";
import { uniqueNames } from "./names.ts";
import { OperatorNode, type OperatorRow, type OutputType, operatorLabel, unsupported } from "./node.ts";
import { operatorRow } from "./operators/index.ts";
import { readQuantization } from "./quantization.ts";
import { checkSize, fitting, translate } from "./results.ts";
import { type Model, type OperatorInfo, type TensorInfo, readModel } from "./schema.ts";
import { reasonsAgainst } from "./support.ts";
import { typeDType } from "./types.ts";
import { type KnownNumbers, type Program, Value } from "./value.ts";

export interface TfliteOptions {
  /**
   * Shapes of inputs by name: whole numbers, and names for dimensions that stay open. Default: the file's, with the symbol
   * `batch` where the first dimension is open.
   */
  readonly shapes?: Shapes;
  /** Name of the program. Default: that of the file's subgraph, or `tflite`. */
  readonly name?: string;
}

/**
 * The program of a TFLite model.
 *
 * - **Names** are those of the file's tensors. A name that an earlier tensor bears becomes `<name>_<index>`, an empty one
 *   `tensor_<index>`. Values that the file does not have (dequantised numbers, moved axes) have names of their own.
 * - **Layout.** Inputs and outputs have the file's shapes, images [batch, height, width, channels]. In between, images
 *   that come from a convolution, a pooling and the like are held as [batch, channels, height, width], under their name;
 *   weights are constants in the order of our ops, over the bytes of the file.
 * - **float16** constants behind DEQUANTIZE become float32 constants.
 * - **Quantised** models become floats between `dequantize` and `quantize`; inputs and outputs keep the file's dtype, and
 *   so do the values under the file's names. TFLite's integer kernels round in steps of their own: results may differ by
 *   one step of the output. Weights that are quantised beside float values are computed with as floats.
 *
 * Shapes between inputs and outputs are computed, not believed.
 *
 * @param bytes the file; constants are views of it where it is aligned, so do not write into it afterwards.
 * @throws TfliteError when the file is damaged; UnsupportedError with every operator and type that cannot be read;
 *   ArgumentError for `shapes` that do not fit.
 * @example interpret(readTflite(await readFile("model.tflite")), { input: image })
 */
export function readTflite(bytes: Uint8Array, options: TfliteOptions = {}): Graph {
  const model = readModel(bytes);
  const reasons = reasonsAgainst(model);
  if (reasons.length > 0) throw unsupported(reasons);
  return new Reader(model, options).read();
}

class Reader {
  readonly #model: Model;
  readonly #options: TfliteOptions;
  readonly #constants: Constants;
  readonly #names: readonly string[];
  readonly #recording: Recording;
  readonly #program: Program;
  readonly #values = new Map<number, Value>();
  readonly #outputs: ReadonlySet<number>;
  /** Results of operators that could not be read. */
  readonly #missing = new Set<number>();

  constructor(model: Model, options: TfliteOptions) {
    const { main } = model;
    const names = uniqueNames(main.tensors);
    const recording = new Recording(options.name ?? (main.name === "" ? "tflite" : main.name), names);
    const constants = new Constants(model);
    this.#model = model;
    this.#options = options;
    this.#constants = constants;
    this.#names = names;
    this.#recording = recording;
    this.#program = {
      constant: (value, name) => recording.constant(value, name),
      dimension: (expression) => recording.dimension(expression),
      reserve: (size, offset) => constants.reserve(size, offset),
    };
    this.#outputs = new Set(main.outputs);
  }

  read(): Graph {
    const { main } = this.#model;
    this.#readInputs();
    const reasons: string[] = [];
    for (const operator of main.operators) {
      try {
        this.#readOperator(operator);
      } catch (error) {
        if (!(error instanceof UnsupportedError)) throw error;
        reasons.push(...error.reasons);
        for (const index of operator.outputs) this.#missing.add(index);
      }
    }
    if (reasons.length > 0) throw unsupported(reasons);
    return this.#finish();
  }

  #tensor(index: number): TensorInfo {
    return this.#model.main.tensors[index] as TensorInfo;
  }

  #name(index: number): string {
    return this.#names[index] as string;
  }

  #dtype(index: number): DType {
    return typeDType(this.#tensor(index).type) as DType;
  }

  #readInputs(): void {
    const { inputs } = this.#model.main;
    const { shapes = {} } = this.#options;
    checkShapes(
      shapes,
      inputs.map((index) => this.#name(index)),
    );
    for (const index of inputs) {
      const tensor = this.#tensor(index);
      const dtype = this.#dtype(index);
      const name = this.#name(index);
      const shape = inputShape(tensor, name, shapes);
      if (this.#values.has(index)) this.#twice(index, tensor.offset);
      checkSize(shape, tensor.offset, `input ${quote(name)}`);
      const held = { tensor: this.#recording.input(name, { dtype, shape }), axes: fileOrder(shape.length) };
      this.#values.set(index, new Value(this.#program, name, dtype, readQuantization(tensor, dtype), held));
    }
  }

  #twice(index: number, offset: number): never {
    throw new TfliteError("invalid-model", offset, `tensor ${index} (${quote(this.#name(index))}) is made twice`);
  }

  #value(index: number, reader: string, offset: number): Value {
    const made = this.#values.get(index);
    if (made !== undefined) return made;
    const dtype = this.#dtype(index);
    const constant = this.#constants.read(this.#tensor(index), dtype);
    if (constant === undefined) {
      const message = `${reader} reads tensor ${index} (${quote(this.#name(index))}) before it is made`;
      throw new TfliteError("invalid-model", offset, message);
    }
    const held = { tensor: constant, axes: fileOrder(constant.rank) };
    const quantization = readQuantization(this.#tensor(index), dtype);
    const value = new Value(this.#program, this.#name(index), dtype, quantization, held);
    this.#values.set(index, value);
    return value;
  }

  #readOperator(operator: OperatorInfo): void {
    // What depends on something that cannot be read is not looked at.
    if (operator.inputs.some((index) => this.#missing.has(index))) {
      for (const index of operator.outputs) this.#missing.add(index);
      return;
    }
    const label = operatorLabel(operator);
    const { offset } = operator;
    const inputs = operator.inputs.map((index) => (index < 0 ? undefined : this.#value(index, label, offset)));
    const outputs = operator.outputs.map((index): OutputType => {
      const dtype = this.#dtype(index);
      return { dtype, quantization: readQuantization(this.#tensor(index), dtype) };
    });
    const node = new OperatorNode(operator, inputs, outputs, this.#program);
    try {
      this.#makeOutputs(node, operatorRow(operator.kind) as OperatorRow);
    } catch (error) {
      throw translate(node, error);
    }
  }

  #makeOutputs(node: OperatorNode, row: OperatorRow): void {
    const { outputs } = node.info;
    const known = node.outputs.every(({ dtype }) => dtype === "int32" || dtype === "int64")
      ? row.known?.(node)
      : undefined;
    const made: readonly (Held | KnownNumbers)[] = known ?? row.read(node);
    if (made.length !== outputs.length) node.fail(`expected ${made.length} outputs, got ${outputs.length}`);
    made.forEach((result, i) => {
      const index = outputs[i] as number;
      const type = node.outputs[i] as OutputType;
      if (this.#values.has(index)) this.#twice(index, node.info.offset);
      const name = this.#name(index);
      if ("elements" in result) {
        this.#values.set(index, new Value(this.#program, name, type.dtype, undefined, undefined, result));
        return;
      }
      const held = fitting(node, result, type);
      checkSize(held.tensor.shape, node.info.offset, node.label);
      // An output bears its name in the file's order.
      const isNamed = !isHostTensor(held.tensor) && (isFileOrder(held.axes) || !this.#outputs.has(index));
      if (isNamed) this.#recording.name(held.tensor, name);
      this.#values.set(index, new Value(this.#program, name, type.dtype, type.quantization, held));
    });
  }

  #finish(): Graph {
    const { outputs } = this.#model.main;
    const given = new Set<string>();
    const results = outputs.map((index) => {
      const value = this.#value(index, "an output", this.#tensor(index).offset);
      const tensor = value.stored(fileOrder(value.held.axes.length));
      this.#recording.name(tensor, value.name);
      let name = value.name;
      for (let i = 1; given.has(name); i++) name = `${value.name}_${i}`;
      given.add(name);
      return { name, value: tensor };
    });
    return this.#recording.finish(results);
  }
}
