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
 * none of theirs; `T` is the engine's own tensor class.
 */
export interface Tf<T extends TfTensor = TfTensor> {
  /** The class of its tensors, which tells what `T` is. */
  readonly Tensor: { readonly prototype: T };
  engine(): TfScopes;
  getBackend(): string;
  /** `undefined` where the backend has no such kernel. */
  getKernel(kernel: string, backend: string): object | undefined;
  keep(x: T): T;
  tensor(values: TfArray, shape: number[], dtype: TfDType): T;
  fill(shape: number[], value: number, dtype: TfDType): T;
  scalar(value: number, dtype: TfDType): T;
  cast(x: T, dtype: TfDType): T;

  abs(x: T): T;
  acos(x: T): T;
  acosh(x: T): T;
  asin(x: T): T;
  asinh(x: T): T;
  atan(x: T): T;
  atanh(x: T): T;
  ceil(x: T): T;
  cos(x: T): T;
  cosh(x: T): T;
  erf(x: T): T;
  exp(x: T): T;
  expm1(x: T): T;
  floor(x: T): T;
  isInf(x: T): T;
  isNaN(x: T): T;
  log(x: T): T;
  logicalNot(x: T): T;
  neg(x: T): T;
  reciprocal(x: T): T;
  relu(x: T): T;
  round(x: T): T;
  rsqrt(x: T): T;
  sigmoid(x: T): T;
  softplus(x: T): T;
  sin(x: T): T;
  sinh(x: T): T;
  sqrt(x: T): T;
  tan(x: T): T;
  tanh(x: T): T;

  add(a: T, b: T): T;
  sub(a: T, b: T): T;
  mul(a: T, b: T): T;
  div(a: T, b: T): T;
  mod(a: T, b: T): T;
  pow(a: T, b: T): T;
  atan2(a: T, b: T): T;
  minimum(a: T, b: T): T;
  maximum(a: T, b: T): T;
  equal(a: T, b: T): T;
  notEqual(a: T, b: T): T;
  less(a: T, b: T): T;
  lessEqual(a: T, b: T): T;
  greater(a: T, b: T): T;
  greaterEqual(a: T, b: T): T;
  logicalAnd(a: T, b: T): T;
  logicalOr(a: T, b: T): T;
  where(condition: T, a: T, b: T): T;

  sum(x: T, axes: number[], keepDims: boolean): T;
  prod(x: T, axes: number[], keepDims: boolean): T;
  max(x: T, axes: number[], keepDims: boolean): T;
  min(x: T, axes: number[], keepDims: boolean): T;
  any(x: T, axes: number[], keepDims: boolean): T;
  all(x: T, axes: number[], keepDims: boolean): T;
  argMax(x: T, axis: number): T;
  cumsum(x: T, axis: number, exclusive: boolean, reverse: boolean): T;
  topk(x: T, k: number, sorted: boolean): { readonly values: T; readonly indices: T };

  matMul(a: T, b: T, transposeA: boolean, transposeB: boolean): T;
  conv2d(x: T, filter: T, strides: [number, number], pad: "valid", format: "NHWC", dilations: [number, number]): T;
  depthwiseConv2d(
    x: T,
    filter: T,
    strides: [number, number],
    pad: "valid",
    format: "NHWC",
    dilations: [number, number],
  ): T;

  reshape(x: T, shape: number[]): T;
  transpose(x: T, permutation: number[]): T;
  broadcastTo(x: T, shape: number[]): T;
  concat(parts: T[], axis: number): T;
  slice(x: T, begin: number[], size: number[]): T;
  pad(x: T, paddings: [number, number][], value: number): T;
  reverse(x: T, axes: number[]): T;
  gather(x: T, indices: T, axis: number): T;
  scatterND(indices: T, updates: T, shape: number[]): T;
}
