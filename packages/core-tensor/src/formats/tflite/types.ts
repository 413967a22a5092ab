import type { DType } from "../../tensor/dtype.ts";

/** The element types of the schema in the order of their numbers (`TensorType` in TensorFlow's schema.fbs). */
const typeNames = [
  "FLOAT32",
  "FLOAT16",
  "INT32",
  "UINT8",
  "INT64",
  "STRING",
  "BOOL",
  "INT16",
  "COMPLEX64",
  "INT8",
  "FLOAT64",
  "COMPLEX128",
  "UINT64",
  "RESOURCE",
  "VARIANT",
  "UINT32",
  "UINT16",
  "INT4",
  "BFLOAT16",
  "INT2",
  "UINT4",
  "FLOAT8_E4M3FN",
  "FLOAT8_E5M2",
] as const;

type TypeName = (typeof typeNames)[number];

/** What the program holds for an element type; types that are missing cannot be read. */
const dtypeOf: Readonly<Partial<Record<TypeName, DType>>> = {
  FLOAT32: "float32",
  FLOAT16: "float16",
  BFLOAT16: "bfloat16",
  FLOAT64: "float64",
  INT64: "int64",
  INT32: "int32",
  INT8: "int8",
  UINT8: "uint8",
  BOOL: "bool",
  // Weights only; held one value per byte, so that they can be transposed.
  INT4: "int8",
};

/** The name of an element type for messages. */
export function typeName(type: number): string {
  return typeNames[type] ?? `element type ${type}`;
}

/** The dtype of an element type; undefined for those that cannot be read. */
export function typeDType(type: number): DType | undefined {
  const name = typeNames[type];
  return name === undefined ? undefined : dtypeOf[name];
}

/** Are two values of this type packed into a byte? */
export function isNibble(type: number): boolean {
  return typeNames[type] === "INT4";
}
