import { Builder } from "flatbuffers";

/** Kinds of fields of the options of an operator. */
type Kind = "byte" | "int" | "float" | "bool" | "ints";
type FieldValue = number | boolean | readonly number[];

/** An operator's number, and where its options stand: a second transcription of TensorFlow's schema.fbs. */
interface OperatorFacts {
  readonly code: number;
  readonly options?: number;
  readonly fields?: Readonly<Record<string, readonly [field: number, kind: Kind]>>;
}

const activated = (options: number): Omit<OperatorFacts, "code"> => ({ options, fields: { activation: [0, "byte"] } });
const reducer: Omit<OperatorFacts, "code"> = { options: 27, fields: { keepDims: [0, "bool"] } };
const pool: Omit<OperatorFacts, "code"> = {
  options: 5,
  fields: {
    padding: [0, "byte"],
    strideW: [1, "int"],
    strideH: [2, "int"],
    filterW: [3, "int"],
    filterH: [4, "int"],
    activation: [5, "byte"],
  },
};

export const operatorFacts: Readonly<Record<string, OperatorFacts>> = {
  ADD: { code: 0, ...activated(11) },
  AVERAGE_POOL_2D: { code: 1, ...pool },
  CONCATENATION: { code: 2, options: 10, fields: { axis: [0, "int"], activation: [1, "byte"] } },
  CONV_2D: {
    code: 3,
    options: 1,
    fields: {
      padding: [0, "byte"],
      strideW: [1, "int"],
      strideH: [2, "int"],
      activation: [3, "byte"],
      dilationW: [4, "int"],
      dilationH: [5, "int"],
    },
  },
  DEPTHWISE_CONV_2D: {
    code: 4,
    options: 2,
    fields: {
      padding: [0, "byte"],
      strideW: [1, "int"],
      strideH: [2, "int"],
      multiplier: [3, "int"],
      activation: [4, "byte"],
      dilationW: [5, "int"],
      dilationH: [6, "int"],
    },
  },
  DEPTH_TO_SPACE: { code: 5, options: 94, fields: { block: [0, "int"] } },
  DEQUANTIZE: { code: 6 },
  FLOOR: { code: 8 },
  FULLY_CONNECTED: {
    code: 9,
    options: 8,
    fields: { activation: [0, "byte"], weightsFormat: [1, "byte"], keepNumDims: [2, "bool"] },
  },
  L2_NORMALIZATION: { code: 11, ...activated(12) },
  LOGISTIC: { code: 14 },
  LSTM: { code: 16 },
  MAX_POOL_2D: { code: 17, ...pool },
  MUL: { code: 18, ...activated(21) },
  RELU: { code: 19 },
  RELU_N1_TO_1: { code: 20 },
  RELU6: { code: 21 },
  RESHAPE: { code: 22, options: 17, fields: { shape: [0, "ints"] } },
  RESIZE_BILINEAR: { code: 23, options: 15, fields: { alignCorners: [2, "bool"], halfPixelCenters: [3, "bool"] } },
  SOFTMAX: { code: 25, options: 9, fields: { beta: [0, "float"] } },
  SPACE_TO_DEPTH: { code: 26, options: 19, fields: { block: [0, "int"] } },
  TANH: { code: 28 },
  CUSTOM: { code: 32 },
  PAD: { code: 34, options: 22, fields: {} },
  GATHER: { code: 36, options: 23, fields: { axis: [0, "int"], batchDims: [1, "int"] } },
  TRANSPOSE: { code: 39 },
  MEAN: { code: 40, ...reducer },
  SUB: { code: 41, ...activated(28) },
  DIV: { code: 42, ...activated(29) },
  SQUEEZE: { code: 43, options: 30, fields: { axes: [0, "ints"] } },
  STRIDED_SLICE: {
    code: 45,
    options: 32,
    fields: {
      beginMask: [0, "int"],
      endMask: [1, "int"],
      ellipsisMask: [2, "int"],
      newAxisMask: [3, "int"],
      shrinkAxisMask: [4, "int"],
      offset: [5, "bool"],
    },
  },
  EXP: { code: 47 },
  SPLIT: { code: 49, options: 35, fields: { count: [0, "int"] } },
  LOG_SOFTMAX: { code: 50 },
  CAST: { code: 53, options: 37, fields: { from: [0, "byte"], to: [1, "byte"] } },
  PRELU: { code: 54 },
  MAXIMUM: { code: 55 },
  ARG_MAX: { code: 56 },
  MINIMUM: { code: 57 },
  LESS: { code: 58 },
  NEG: { code: 59 },
  PADV2: { code: 60 },
  GREATER: { code: 61 },
  GREATER_EQUAL: { code: 62 },
  LESS_EQUAL: { code: 63 },
  SELECT: { code: 64 },
  SLICE: { code: 65 },
  SIN: { code: 66 },
  TRANSPOSE_CONV: {
    code: 67,
    options: 49,
    fields: { padding: [0, "byte"], strideW: [1, "int"], strideH: [2, "int"], activation: [3, "byte"] },
  },
  TILE: { code: 69 },
  EXPAND_DIMS: { code: 70 },
  EQUAL: { code: 71 },
  NOT_EQUAL: { code: 72 },
  LOG: { code: 73 },
  SUM: { code: 74, ...reducer },
  SQRT: { code: 75 },
  RSQRT: { code: 76 },
  SHAPE: { code: 77 },
  POW: { code: 78 },
  ARG_MIN: { code: 79 },
  REDUCE_PROD: { code: 81, ...reducer },
  REDUCE_MAX: { code: 82, ...reducer },
  PACK: { code: 83, options: 59, fields: { count: [0, "int"], axis: [1, "int"] } },
  LOGICAL_OR: { code: 84 },
  LOGICAL_AND: { code: 86 },
  LOGICAL_NOT: { code: 87 },
  UNPACK: { code: 88, options: 64, fields: { count: [0, "int"], axis: [1, "int"] } },
  REDUCE_MIN: { code: 89, ...reducer },
  FLOOR_DIV: { code: 90 },
  REDUCE_ANY: { code: 91, ...reducer },
  SQUARE: { code: 92 },
  FLOOR_MOD: { code: 95 },
  RESIZE_NEAREST_NEIGHBOR: {
    code: 97,
    options: 74,
    fields: { alignCorners: [0, "bool"], halfPixelCenters: [1, "bool"] },
  },
  LEAKY_RELU: { code: 98, options: 75, fields: { alpha: [0, "float"] } },
  SQUARED_DIFFERENCE: { code: 99 },
  MIRROR_PAD: { code: 100, options: 77, fields: { mode: [0, "byte"] } },
  ABS: { code: 101 },
  SPLIT_V: { code: 102, options: 79, fields: { count: [0, "int"] } },
  CEIL: { code: 104 },
  REVERSE_V2: { code: 105 },
  ADD_N: { code: 106 },
  COS: { code: 108 },
  RANK: { code: 110 },
  ELU: { code: 111 },
  QUANTIZE: { code: 114 },
  ROUND: { code: 116 },
  HARD_SWISH: { code: 117 },
  WHILE: { code: 119 },
  SELECT_V2: { code: 123 },
  DENSIFY: { code: 124 },
  BATCH_MATMUL: { code: 126, options: 101, fields: { adjX: [0, "bool"], adjY: [1, "bool"] } },
  CUMSUM: { code: 128, options: 102, fields: { exclusive: [0, "bool"], reverse: [1, "bool"] } },
  BROADCAST_TO: { code: 130 },
  REDUCE_ALL: { code: 140, ...reducer },
  GELU: { code: 150, options: 116, fields: { approximate: [0, "bool"] } },
  RELU_0_TO_1: { code: 152 },
  ATAN2: { code: 156 },
  SIGN: { code: 158 },
};

/** Element types by our names for them: number in the schema, and how values become bytes. */
const elementTypes: Readonly<
  Record<string, readonly [type: number, encode: (values: readonly number[]) => ArrayBufferView]>
> = {
  float32: [0, (values) => Float32Array.from(values)],
  /** As codes. */
  float16: [1, (values) => Uint16Array.from(values)],
  int32: [2, (values) => Int32Array.from(values)],
  uint8: [3, (values) => Uint8Array.from(values)],
  int64: [4, (values) => BigInt64Array.from(values, BigInt)],
  string: [5, () => new Uint8Array(0)],
  bool: [6, (values) => Uint8Array.from(values)],
  int16: [7, (values) => Int16Array.from(values)],
  int8: [9, (values) => Int8Array.from(values)],
  float64: [10, (values) => Float64Array.from(values)],
  /** As bytes of two values each. */
  int4: [17, (values) => Uint8Array.from(values)],
};

export interface LevelSpec {
  readonly dense?: number;
  /** Bytes per number: 4, 2 or 1. */
  readonly width?: 1 | 2 | 4;
  readonly segments?: readonly number[];
  readonly indices?: readonly number[];
}

export interface TensorSpec {
  readonly name?: string;
  /** Default float32. */
  readonly type?: string;
  readonly shape: readonly number[];
  readonly signature?: readonly number[];
  /** Values of a constant. */
  readonly data?: readonly number[];
  /** Number of an existing buffer. */
  readonly buffer?: number;
  readonly scale?: readonly number[];
  readonly zeroPoint?: readonly number[];
  readonly quantizedAxis?: number;
  /** Number in the union `QuantizationDetails`. */
  readonly details?: number;
  readonly variable?: boolean;
  readonly external?: number;
  readonly sparsity?: {
    readonly order: readonly number[];
    readonly blocks?: readonly number[];
    readonly levels: readonly LevelSpec[];
  };
}

export interface OperatorSpec {
  readonly op: string;
  /** Number of a custom or unknown operator's code. */
  readonly code?: number;
  readonly custom?: string;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly options?: Readonly<Record<string, FieldValue>>;
  readonly optionsType?: number;
}

export interface ModelSpec {
  readonly tensors: readonly TensorSpec[];
  readonly operators: readonly OperatorSpec[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly name?: string;
  readonly version?: number;
  readonly identifier?: string;
  readonly subgraphs?: number;
  /** Data behind the flatbuffer instead of in it, as in files above 2 GB. */
  readonly outside?: boolean;
}

/** The bytes of a model. */
export function buildModel(spec: ModelSpec): Uint8Array {
  if (spec.outside !== true) return buildWith(spec, () => 0).bytes;
  // The offsets do not change the flatbuffer's length: once to know it, once to use it.
  const length = buildWith(spec, () => 16).bytes.length;
  const start = Math.ceil(length / 16) * 16;
  const { bytes, data } = buildWith(spec, (at) => start + at);
  const file = new Uint8Array(start + data.length);
  file.set(bytes);
  file.set(data, start);
  return file;
}

function buildWith(spec: ModelSpec, place: (at: number) => number): { bytes: Uint8Array; data: Uint8Array } {
  const b = new Builder(1024);
  const outside: Uint8Array[] = [];
  let outsideLength = 0;
  const ints = (values: readonly number[]): number => {
    b.startVector(4, values.length, 4);
    for (const value of values.toReversed()) b.addInt32(value);
    return b.endVector();
  };
  const floats = (values: readonly number[]): number => {
    b.startVector(4, values.length, 4);
    for (const value of values.toReversed()) b.addFloat32(value);
    return b.endVector();
  };
  const longs = (values: readonly number[]): number => {
    b.startVector(8, values.length, 8);
    for (const value of values.toReversed()) b.addInt64(BigInt(value));
    return b.endVector();
  };
  const offsets = (values: readonly number[]): number => {
    b.startVector(4, values.length, 4);
    for (const value of values.toReversed()) b.addOffset(value);
    return b.endVector();
  };
  const bytes = (values: Uint8Array): number => {
    b.startVector(1, values.length, 16);
    for (const value of values.toReversed()) b.addInt8((value << 24) >> 24);
    return b.endVector();
  };
  const numbers = (values: readonly number[], width: 1 | 2 | 4): number => {
    b.startVector(width, values.length, 4);
    for (const value of values.toReversed()) {
      if (width === 4) b.addInt32(value);
      else if (width === 2) b.addInt16(value);
      else b.addInt8((value << 24) >> 24);
    }
    return b.endVector();
  };
  const buffer = (content: Uint8Array): number => {
    if (spec.outside === true && content.length > 0) {
      const at = place(outsideLength);
      outside.push(content);
      outsideLength += content.length;
      b.startObject(3);
      b.addFieldInt64(1, BigInt(at), 0n);
      b.addFieldInt64(2, BigInt(content.length), 0n);
      return b.endObject();
    }
    const data = content.length === 0 ? 0 : bytes(content);
    b.startObject(3);
    if (data !== 0) b.addFieldOffset(0, data, 0);
    return b.endObject();
  };
  const indexVector = (values: readonly number[], width: 1 | 2 | 4): number => {
    const vector = numbers(values, width);
    b.startObject(1);
    b.addFieldOffset(0, vector, 0);
    return b.endObject();
  };
  const level = ({ dense, segments = [], indices = [], width = 4 }: LevelSpec): number => {
    const union = { 4: 1, 2: 2, 1: 3 }[width];
    const [bounds, places] = dense === undefined ? [indexVector(segments, width), indexVector(indices, width)] : [0, 0];
    b.startObject(6);
    if (dense === undefined) {
      b.addFieldInt8(0, 1, 0);
      b.addFieldInt8(2, union, 0);
      b.addFieldOffset(3, bounds, 0);
      b.addFieldInt8(4, union, 0);
      b.addFieldOffset(5, places, 0);
    } else b.addFieldInt32(1, dense, 0);
    return b.endObject();
  };

  const buffers = [buffer(new Uint8Array(0))];
  const tensors = spec.tensors.map((tensor) => {
    const [type, encode] = elementTypes[tensor.type ?? "float32"] as (typeof elementTypes)[string];
    let at = tensor.buffer ?? 0;
    if (tensor.data !== undefined) {
      const { buffer: source, byteOffset, byteLength } = encode(tensor.data);
      at = buffers.push(buffer(new Uint8Array(source, byteOffset, byteLength))) - 1;
    }
    const name = b.createString(tensor.name ?? "");
    const shape = ints(tensor.shape);
    const signature = tensor.signature === undefined ? 0 : ints(tensor.signature);
    let quantization = 0;
    if (tensor.scale !== undefined || tensor.details !== undefined) {
      const scale = floats(tensor.scale ?? []);
      const zeroPoint = longs(tensor.zeroPoint ?? []);
      b.startObject(7);
      b.addFieldOffset(2, scale, 0);
      b.addFieldOffset(3, zeroPoint, 0);
      b.addFieldInt8(4, tensor.details ?? 0, 0);
      b.addFieldInt32(6, tensor.quantizedAxis ?? 0, 0);
      quantization = b.endObject();
    }
    let sparsity = 0;
    if (tensor.sparsity !== undefined) {
      const order = ints(tensor.sparsity.order);
      const blocks = ints(tensor.sparsity.blocks ?? []);
      const levels = offsets(tensor.sparsity.levels.map(level));
      b.startObject(3);
      b.addFieldOffset(0, order, 0);
      b.addFieldOffset(1, blocks, 0);
      b.addFieldOffset(2, levels, 0);
      sparsity = b.endObject();
    }
    b.startObject(11);
    b.addFieldOffset(0, shape, 0);
    b.addFieldInt8(1, type, 0);
    b.addFieldInt32(2, at, 0);
    b.addFieldOffset(3, name, 0);
    if (quantization !== 0) b.addFieldOffset(4, quantization, 0);
    b.addFieldInt8(5, tensor.variable === true ? 1 : 0, 0);
    if (sparsity !== 0) b.addFieldOffset(6, sparsity, 0);
    if (signature !== 0) b.addFieldOffset(7, signature, 0);
    b.addFieldInt32(10, tensor.external ?? 0, 0);
    return b.endObject();
  });

  const codes: number[] = [];
  const operators = spec.operators.map((operator) => {
    const facts = operatorFacts[operator.op];
    const code = operator.code ?? facts?.code ?? 0;
    const custom = operator.custom === undefined ? 0 : b.createString(operator.custom);
    b.startObject(4);
    b.addFieldInt8(0, Math.min(code, 127), 0);
    if (custom !== 0) b.addFieldOffset(1, custom, 0);
    b.addFieldInt32(2, 1, 1);
    b.addFieldInt32(3, code, 0);
    const codeIndex = codes.push(b.endObject()) - 1;
    const inputs = ints(operator.inputs);
    const outputs = ints(operator.outputs);
    const fields = Object.entries(operator.options ?? {}).map(([key, value]) => {
      const [field, kind] = facts?.fields?.[key] ?? [0, "int"];
      return { field, kind, value, vector: kind === "ints" ? ints(value as readonly number[]) : 0 };
    });
    let options = 0;
    if (operator.options !== undefined) {
      b.startObject(8);
      for (const { field, kind, value, vector } of fields) {
        if (kind === "ints") b.addFieldOffset(field, vector, 0);
        else if (kind === "float") b.addFieldFloat32(field, value as number, 0);
        else if (kind === "int") b.addFieldInt32(field, value as number, null);
        else b.addFieldInt8(field, Number(value), 0);
      }
      options = b.endObject();
    }
    b.startObject(5);
    b.addFieldInt32(0, codeIndex, 0);
    b.addFieldOffset(1, inputs, 0);
    b.addFieldOffset(2, outputs, 0);
    if (options !== 0) {
      b.addFieldInt8(3, operator.optionsType ?? facts?.options ?? 0, 0);
      b.addFieldOffset(4, options, 0);
    }
    return b.endObject();
  });

  const parts = [
    offsets(tensors),
    ints(spec.inputs),
    ints(spec.outputs),
    offsets(operators),
    b.createString(spec.name ?? ""),
  ];
  b.startObject(5);
  parts.forEach((part, field) => b.addFieldOffset(field, part, 0));
  const graph = b.endObject();
  const [codeVector, graphs, bufferVector] = [
    offsets(codes),
    offsets(new Array<number>(spec.subgraphs ?? 1).fill(graph)),
    offsets(buffers),
  ];
  b.startObject(5);
  b.addFieldInt32(0, spec.version ?? 3, 0);
  b.addFieldOffset(1, codeVector, 0);
  b.addFieldOffset(2, graphs, 0);
  b.addFieldOffset(4, bufferVector, 0);
  b.finish(b.endObject(), spec.identifier ?? "TFL3");
  const data = new Uint8Array(outsideLength);
  let at = 0;
  for (const part of outside) {
    data.set(part, at);
    at += part.length;
  }
  return { bytes: b.asUint8Array().slice(), data };
}
