import type { LayoutName } from "../kernels/layout.ts";

/** How one layer with weights is computed. */
export interface SparseLayerReport {
  /** Name of the constant that holds the weights. */
  readonly name: string;
  readonly op: "matmul" | "conv2d";
  readonly outputs: number;
  /** Inputs of every output: for a convolution the taps of its window. */
  readonly inputs: number;
  /** Weights that are not 0. */
  readonly survivors: number;
  /** survivors / (outputs * inputs) */
  readonly density: number;
  /** The layout that was chosen. */
  readonly layout: LayoutName;
  /** Bytes of every layout. */
  readonly bytes: Readonly<Record<LayoutName, number>>;
  /** Milliseconds of every layout for a batch of the size that was hinted, where they were measured. */
  readonly milliseconds?: Readonly<Record<LayoutName, number>>;
}

/** How a compiled model computes. */
export interface SparseModelReport {
  /** What runs the kernels; `"typescript"` where WebAssembly with SIMD is missing. */
  readonly engine: "wasm" | "typescript";
  readonly layers: readonly SparseLayerReport[];
  /** Nodes that run in the reference interpreter, because kernels cannot do them: correct, and slow. */
  readonly reference: readonly { readonly op: string; readonly output: string }[];
  /** Bytes of the weights in the chosen layouts. */
  readonly bytes: number;
  /** Bytes of the same weights in dense layouts. */
  readonly denseBytes: number;
}
