/**
 * The part of the ONNX file format that we use, once as types and once as a table of field numbers and kinds that
 * drives the encoder and a decoder alike. Numbers and meanings follow the public description, onnx/onnx.proto of
 * https://github.com/onnx/onnx (compared with release 1.23); names are its names in camel case.
 *
 * Left out: training information, sparse tensors in attributes, and the sequence, map, optional and opaque types.
 */

/** A 64-bit integer: numbers within ±(2^53 - 1), bigints beyond. */
export type Int64 = number | bigint;

export interface ModelProto {
  readonly irVersion: Int64;
  readonly producerName?: string;
  readonly producerVersion?: string;
  readonly domain?: string;
  readonly modelVersion?: Int64;
  readonly docString?: string;
  readonly graph: GraphProto;
  readonly opsetImport: readonly OperatorSetIdProto[];
  readonly metadataProps?: readonly StringStringEntryProto[];
  readonly functions?: readonly FunctionProto[];
}

/** Which version of which operator set a model speaks; the empty domain is the standard set "ai.onnx". */
export interface OperatorSetIdProto {
  readonly domain?: string;
  readonly version: Int64;
}

export interface StringStringEntryProto {
  readonly key: string;
  readonly value: string;
}

export interface GraphProto {
  /** In topological order. */
  readonly node: readonly NodeProto[];
  readonly name: string;
  readonly initializer?: readonly TensorProto[];
  readonly docString?: string;
  readonly input: readonly ValueInfoProto[];
  readonly output: readonly ValueInfoProto[];
  readonly valueInfo?: readonly ValueInfoProto[];
  readonly quantizationAnnotation?: readonly TensorAnnotation[];
  readonly sparseInitializer?: readonly SparseTensorProto[];
  readonly metadataProps?: readonly StringStringEntryProto[];
}

export interface NodeProto {
  /** Names of values; an empty name stands for an optional input that is not given. */
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly name?: string;
  readonly opType: string;
  readonly attribute?: readonly AttributeProto[];
  readonly docString?: string;
  readonly domain?: string;
  /** Which of several functions of the same name (IR version 10). */
  readonly overload?: string;
  readonly metadataProps?: readonly StringStringEntryProto[];
}

/** A named attribute: `type` says which one of the value fields holds. */
export interface AttributeProto {
  readonly name: string;
  readonly f?: number;
  readonly i?: Int64;
  /** UTF-8 text. */
  readonly s?: Uint8Array;
  readonly t?: TensorProto;
  readonly g?: GraphProto;
  readonly floats?: readonly number[];
  readonly ints?: readonly Int64[];
  readonly strings?: readonly Uint8Array[];
  readonly tensors?: readonly TensorProto[];
  readonly graphs?: readonly GraphProto[];
  readonly docString?: string;
  readonly type: number;
  /** Inside a function: the attribute of the calling node that gives the value. */
  readonly refAttrName?: string;
}

/** Values of AttributeProto.type. */
export const attributeType = {
  FLOAT: 1,
  INT: 2,
  STRING: 3,
  TENSOR: 4,
  GRAPH: 5,
  FLOATS: 6,
  INTS: 7,
  STRINGS: 8,
  TENSORS: 9,
  GRAPHS: 10,
} as const;

/** A constant: dense values in exactly one of the data fields, or in another file. */
export interface TensorProto {
  readonly dims: readonly Int64[];
  readonly dataType: number;
  readonly floatData?: readonly number[];
  /** Also holds the elements, or codes, of the types narrower than 32 bits. */
  readonly int32Data?: readonly number[];
  readonly stringData?: readonly Uint8Array[];
  readonly int64Data?: readonly Int64[];
  readonly name?: string;
  /** Little-endian elements; 4-bit ones two to a byte, the first in the low half. */
  readonly rawData?: Uint8Array;
  readonly doubleData?: readonly number[];
  readonly uint64Data?: readonly Int64[];
  readonly docString?: string;
  /** Keys "location" (path beside the model), "offset" and "length" (bytes, in decimal), "checksum". */
  readonly externalData?: readonly StringStringEntryProto[];
  /** One of `dataLocation`. */
  readonly dataLocation?: number;
  readonly metadataProps?: readonly StringStringEntryProto[];
}

/** A constant of which only some elements are given; all others are zero. */
export interface SparseTensorProto {
  /** One axis; its name is the constant's. */
  readonly values: TensorProto;
  /** INT64: for each value its place in row-major order, or one row with its place along every axis; rising. */
  readonly indices: TensorProto;
  /** Of the constant. */
  readonly dims: readonly Int64[];
}

/** Values of TensorProto.dataType and TypeProto.Tensor.elemType. */
export const dataType = {
  FLOAT: 1,
  UINT8: 2,
  INT8: 3,
  UINT16: 4,
  INT16: 5,
  INT32: 6,
  INT64: 7,
  STRING: 8,
  BOOL: 9,
  FLOAT16: 10,
  DOUBLE: 11,
  UINT32: 12,
  UINT64: 13,
  COMPLEX64: 14,
  COMPLEX128: 15,
  BFLOAT16: 16,
  FLOAT8E4M3FN: 17,
  FLOAT8E4M3FNUZ: 18,
  FLOAT8E5M2: 19,
  FLOAT8E5M2FNUZ: 20,
  UINT4: 21,
  INT4: 22,
  FLOAT4E2M1: 23,
  FLOAT8E8M0: 24,
  UINT2: 25,
  INT2: 26,
  FLOAT6E2M3: 27,
  FLOAT6E3M2: 28,
} as const;

/** Values of TensorProto.dataLocation. */
export const dataLocation = { DEFAULT: 0, EXTERNAL: 1 } as const;

export interface ValueInfoProto {
  readonly name: string;
  readonly type?: TypeProto;
  readonly docString?: string;
  readonly metadataProps?: readonly StringStringEntryProto[];
}

export interface TypeProto {
  readonly tensorType?: TensorTypeProto;
  readonly denotation?: string;
}

/** TypeProto.Tensor: without a shape the rank is unknown too. */
export interface TensorTypeProto {
  readonly elemType: number;
  readonly shape?: TensorShapeProto;
}

export interface TensorShapeProto {
  readonly dim: readonly DimensionProto[];
}

/** TensorShapeProto.Dimension: a number, a name, or neither for an unknown one. */
export interface DimensionProto {
  readonly dimValue?: Int64;
  readonly dimParam?: string;
  readonly denotation?: string;
}

/** Says which values hold the scale and zero point of a quantised tensor. */
export interface TensorAnnotation {
  readonly tensorName: string;
  readonly quantParameterTensorNames: readonly StringStringEntryProto[];
}

/** An operator that the model itself defines, by a graph over other operators. */
export interface FunctionProto {
  readonly name: string;
  readonly input: readonly string[];
  readonly output: readonly string[];
  /** Names of attributes without a default. */
  readonly attribute?: readonly string[];
  readonly node: readonly NodeProto[];
  readonly docString?: string;
  readonly opsetImport: readonly OperatorSetIdProto[];
  readonly domain: string;
  /** Attributes with their defaults (IR version 9). */
  readonly attributeProto?: readonly AttributeProto[];
  readonly valueInfo?: readonly ValueInfoProto[];
  readonly overload?: string;
  readonly metadataProps?: readonly StringStringEntryProto[];
}

/** Every message by name. */
export interface Messages {
  ModelProto: ModelProto;
  OperatorSetIdProto: OperatorSetIdProto;
  StringStringEntryProto: StringStringEntryProto;
  GraphProto: GraphProto;
  NodeProto: NodeProto;
  AttributeProto: AttributeProto;
  TensorProto: TensorProto;
  SparseTensorProto: SparseTensorProto;
  ValueInfoProto: ValueInfoProto;
  TypeProto: TypeProto;
  TensorTypeProto: TensorTypeProto;
  TensorShapeProto: TensorShapeProto;
  DimensionProto: DimensionProto;
  TensorAnnotation: TensorAnnotation;
  FunctionProto: FunctionProto;
}

export type MessageName = keyof Messages;

/** The scalar kinds of protobuf that ONNX uses, with the value that each carries. Enumerations are int32. */
export interface Scalars {
  int32: number;
  int64: Int64;
  uint64: Int64;
  float: number;
  double: number;
  string: string;
  bytes: Uint8Array;
}

export type ScalarKind = keyof Scalars;

/** One value of the field, several with a key each, or several packed behind one key. A decoder accepts either. */
export type Cardinality = "one" | "repeated" | "packed";

/** A row of the table: field number, what a value is, and how many there are (one unless said). */
export type Field = readonly [number: number, kind: ScalarKind | MessageName, cardinality?: Cardinality];

type Values = Scalars & Messages;
/** The kinds that carry exactly such a value. */
type KindOf<Value> = { [K in keyof Values]: [Values[K], Value] extends [Value, Values[K]] ? K : never }[keyof Values];
type FieldOf<Value> = [Value] extends [readonly (infer Element)[]]
  ? readonly [number: number, kind: KindOf<Element>, cardinality: "repeated" | "packed"]
  : readonly [number: number, kind: KindOf<Value>];

/** The table: a row for every field of every message, checked against the types above. */
export type Schema = {
  readonly [M in MessageName]: { readonly [F in keyof Messages[M]]-?: FieldOf<NonNullable<Messages[M][F]>> };
};

export const schema: Schema = {
  ModelProto: {
    irVersion: [1, "int64"],
    producerName: [2, "string"],
    producerVersion: [3, "string"],
    domain: [4, "string"],
    modelVersion: [5, "int64"],
    docString: [6, "string"],
    graph: [7, "GraphProto"],
    opsetImport: [8, "OperatorSetIdProto", "repeated"],
    metadataProps: [14, "StringStringEntryProto", "repeated"],
    functions: [25, "FunctionProto", "repeated"],
  },
  OperatorSetIdProto: {
    domain: [1, "string"],
    version: [2, "int64"],
  },
  StringStringEntryProto: {
    key: [1, "string"],
    value: [2, "string"],
  },
  GraphProto: {
    node: [1, "NodeProto", "repeated"],
    name: [2, "string"],
    initializer: [5, "TensorProto", "repeated"],
    docString: [10, "string"],
    input: [11, "ValueInfoProto", "repeated"],
    output: [12, "ValueInfoProto", "repeated"],
    valueInfo: [13, "ValueInfoProto", "repeated"],
    quantizationAnnotation: [14, "TensorAnnotation", "repeated"],
    sparseInitializer: [15, "SparseTensorProto", "repeated"],
    metadataProps: [16, "StringStringEntryProto", "repeated"],
  },
  NodeProto: {
    input: [1, "string", "repeated"],
    output: [2, "string", "repeated"],
    name: [3, "string"],
    opType: [4, "string"],
    attribute: [5, "AttributeProto", "repeated"],
    docString: [6, "string"],
    domain: [7, "string"],
    overload: [8, "string"],
    metadataProps: [9, "StringStringEntryProto", "repeated"],
  },
  AttributeProto: {
    name: [1, "string"],
    f: [2, "float"],
    i: [3, "int64"],
    s: [4, "bytes"],
    t: [5, "TensorProto"],
    g: [6, "GraphProto"],
    floats: [7, "float", "repeated"],
    ints: [8, "int64", "repeated"],
    strings: [9, "bytes", "repeated"],
    tensors: [10, "TensorProto", "repeated"],
    graphs: [11, "GraphProto", "repeated"],
    docString: [13, "string"],
    type: [20, "int32"],
    refAttrName: [21, "string"],
  },
  TensorProto: {
    dims: [1, "int64", "repeated"],
    dataType: [2, "int32"],
    floatData: [4, "float", "packed"],
    int32Data: [5, "int32", "packed"],
    stringData: [6, "bytes", "repeated"],
    int64Data: [7, "int64", "packed"],
    name: [8, "string"],
    rawData: [9, "bytes"],
    doubleData: [10, "double", "packed"],
    uint64Data: [11, "uint64", "packed"],
    docString: [12, "string"],
    externalData: [13, "StringStringEntryProto", "repeated"],
    dataLocation: [14, "int32"],
    metadataProps: [16, "StringStringEntryProto", "repeated"],
  },
  SparseTensorProto: {
    values: [1, "TensorProto"],
    indices: [2, "TensorProto"],
    dims: [3, "int64", "repeated"],
  },
  ValueInfoProto: {
    name: [1, "string"],
    type: [2, "TypeProto"],
    docString: [3, "string"],
    metadataProps: [4, "StringStringEntryProto", "repeated"],
  },
  TypeProto: {
    tensorType: [1, "TensorTypeProto"],
    denotation: [6, "string"],
  },
  TensorTypeProto: {
    elemType: [1, "int32"],
    shape: [2, "TensorShapeProto"],
  },
  TensorShapeProto: {
    dim: [1, "DimensionProto", "repeated"],
  },
  DimensionProto: {
    dimValue: [1, "int64"],
    dimParam: [2, "string"],
    denotation: [3, "string"],
  },
  TensorAnnotation: {
    tensorName: [1, "string"],
    quantParameterTensorNames: [2, "StringStringEntryProto", "repeated"],
  },
  FunctionProto: {
    name: [1, "string"],
    input: [4, "string", "repeated"],
    output: [5, "string", "repeated"],
    attribute: [6, "string", "repeated"],
    node: [7, "NodeProto", "repeated"],
    docString: [8, "string"],
    opsetImport: [9, "OperatorSetIdProto", "repeated"],
    domain: [10, "string"],
    attributeProto: [11, "AttributeProto", "repeated"],
    valueInfo: [12, "ValueInfoProto", "repeated"],
    overload: [13, "string"],
    metadataProps: [14, "StringStringEntryProto", "repeated"],
  },
};
