import type { MessageName, Messages } from "./schema.ts";

type RequiredFields<Message> = {
  [Field in keyof Message as object extends Pick<Message, Field> ? never : Field]: Message[Field];
};

/**
 * A message of which the file gave nothing: what our types always have, with the value that protobuf lets an absent
 * field mean. Each call makes new arrays, so that a decoder may fill them.
 */
export const blank: { readonly [Name in MessageName]: () => RequiredFields<Messages[Name]> } = {
  ModelProto: () => ({ irVersion: 0, graph: blank.GraphProto(), opsetImport: [] }),
  OperatorSetIdProto: () => ({ version: 0 }),
  StringStringEntryProto: () => ({ key: "", value: "" }),
  GraphProto: () => ({ node: [], name: "", input: [], output: [] }),
  NodeProto: () => ({ input: [], output: [], opType: "" }),
  AttributeProto: () => ({ name: "", type: 0 }),
  TensorProto: () => ({ dims: [], dataType: 0 }),
  SparseTensorProto: () => ({ values: blank.TensorProto(), indices: blank.TensorProto(), dims: [] }),
  ValueInfoProto: () => ({ name: "" }),
  TypeProto: () => ({}),
  TensorTypeProto: () => ({ elemType: 0 }),
  TensorShapeProto: () => ({ dim: [] }),
  DimensionProto: () => ({}),
  TensorAnnotation: () => ({ tensorName: "", quantParameterTensorNames: [] }),
  FunctionProto: () => ({ name: "", input: [], output: [], node: [], opsetImport: [], domain: "" }),
};
