/** A tensor of TensorFlow.js, by the members that the backend uses. */
export interface TfTensor {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly size: number;
  data(): Promise<unknown>;
  clone(): TfTensor;
  dispose(): void;
}

/** The element types that TensorFlow.js computes with. */
export type TfDType = "float32" | "int32" | "bool";

/** The typed arrays that hold them. */
export type TfArray = Float32Array | Int32Array | Uint8Array;

/** The scopes of a TensorFlow.js engine: what is allocated in one is freed at its end, results excepted. */
export interface TfScopes {
  startScope(): void;
  /** `result`: a tensor, or an array of them. */
  endScope(result?: unknown): void;
}

/**
 * What the backend needs of a TensorFlow.js object: `@tensorflow/tfjs`, `@tensorflow/tfjs-core` with a backend,
 * `@tensorflow/tfjs-node` and `@tensorflow/tfjs-node-gpu` all have it. Structural, so that our declarations need
 * none of theirs.
 */
export interface Tf {
  engine(): TfScopes;
  getBackend(): string;
  /** `undefined` where the backend has no such kernel. */
  getKernel(kernel: string, backend: string): object | undefined;
  keep(x: TfTensor): TfTensor;
  tensor(values: TfArray, shape: number[], dtype: TfDType): TfTensor;
  fill(shape: number[], value: number, dtype: TfDType): TfTensor;
  scalar(value: number, dtype: TfDType): TfTensor;
  cast(x: TfTensor, dtype: TfDType): TfTensor;

  abs(x: TfTensor): TfTensor;
  acos(x: TfTensor): TfTensor;
  acosh(x: TfTensor): TfTensor;
  asin(x: TfTensor): TfTensor;
  asinh(x: TfTensor): TfTensor;
  atan(x: TfTensor): TfTensor;
  atanh(x: TfTensor): TfTensor;
  ceil(x: TfTensor): TfTensor;
  cos(x: TfTensor): TfTensor;
  cosh(x: TfTensor): TfTensor;
  erf(x: TfTensor): TfTensor;
  exp(x: TfTensor): TfTensor;
  expm1(x: TfTensor): TfTensor;
  floor(x: TfTensor): TfTensor;
  isInf(x: TfTensor): TfTensor;
  isNaN(x: TfTensor): TfTensor;
  log(x: TfTensor): TfTensor;
  logicalNot(x: TfTensor): TfTensor;
  neg(x: TfTensor): TfTensor;
  reciprocal(x: TfTensor): TfTensor;
  relu(x: TfTensor): TfTensor;
  round(x: TfTensor): TfTensor;
  rsqrt(x: TfTensor): TfTensor;
  sigmoid(x: TfTensor): TfTensor;
  sin(x: TfTensor): TfTensor;
  sinh(x: TfTensor): TfTensor;
  sqrt(x: TfTensor): TfTensor;
  tan(x: TfTensor): TfTensor;
  tanh(x: TfTensor): TfTensor;

  add(a: TfTensor, b: TfTensor): TfTensor;
  sub(a: TfTensor, b: TfTensor): TfTensor;
  mul(a: TfTensor, b: TfTensor): TfTensor;
  div(a: TfTensor, b: TfTensor): TfTensor;
  mod(a: TfTensor, b: TfTensor): TfTensor;
  pow(a: TfTensor, b: TfTensor): TfTensor;
  atan2(a: TfTensor, b: TfTensor): TfTensor;
  minimum(a: TfTensor, b: TfTensor): TfTensor;
  maximum(a: TfTensor, b: TfTensor): TfTensor;
  equal(a: TfTensor, b: TfTensor): TfTensor;
  notEqual(a: TfTensor, b: TfTensor): TfTensor;
  less(a: TfTensor, b: TfTensor): TfTensor;
  lessEqual(a: TfTensor, b: TfTensor): TfTensor;
  greater(a: TfTensor, b: TfTensor): TfTensor;
  greaterEqual(a: TfTensor, b: TfTensor): TfTensor;
  logicalAnd(a: TfTensor, b: TfTensor): TfTensor;
  logicalOr(a: TfTensor, b: TfTensor): TfTensor;
  where(condition: TfTensor, a: TfTensor, b: TfTensor): TfTensor;

  sum(x: TfTensor, axes: number[], keepDims: boolean): TfTensor;
  prod(x: TfTensor, axes: number[], keepDims: boolean): TfTensor;
  max(x: TfTensor, axes: number[], keepDims: boolean): TfTensor;
  min(x: TfTensor, axes: number[], keepDims: boolean): TfTensor;
  any(x: TfTensor, axes: number[], keepDims: boolean): TfTensor;
  all(x: TfTensor, axes: number[], keepDims: boolean): TfTensor;
  argMax(x: TfTensor, axis: number): TfTensor;
  cumsum(x: TfTensor, axis: number, exclusive: boolean, reverse: boolean): TfTensor;
  topk(x: TfTensor, k: number, sorted: boolean): { readonly values: TfTensor; readonly indices: TfTensor };

  matMul(a: TfTensor, b: TfTensor, transposeA: boolean, transposeB: boolean): TfTensor;
  conv2d(x: TfTensor, filter: TfTensor, strides: [number, number], pad: "valid", format: "NHWC", dilations: [number, number]): TfTensor;
  depthwiseConv2d(
    x: TfTensor,
    filter: TfTensor,
    strides: [number, number],
    pad: "valid",
    format: "NHWC",
    dilations: [number, number],
  ): TfTensor;

  reshape(x: TfTensor, shape: number[]): TfTensor;
  transpose(x: TfTensor, permutation: number[]): TfTensor;
  broadcastTo(x: TfTensor, shape: number[]): TfTensor;
  concat(parts: TfTensor[], axis: number): TfTensor;
  slice(x: TfTensor, begin: number[], size: number[]): TfTensor;
  pad(x: TfTensor, paddings: [number, number][], value: number): TfTensor;
  reverse(x: TfTensor, axes: number[]): TfTensor;
  gather(x: TfTensor, indices: TfTensor, axis: number): TfTensor;
  scatterND(indices: TfTensor, updates: TfTensor, shape: number[]): TfTensor;
}
