/** What the float kernels export. Each function takes the address of a record. */
export interface WasmFloatExports {
  readonly conv2d: (record: number) => void;
  readonly depthwiseConv2d: (record: number) => void;
  /** Also takes a record of `Lines`. */
  readonly depthwiseInPlace: (record: number, lines: number) => void;
  readonly convTranspose2d: (record: number) => void;
  readonly maxPool2d: (record: number) => void;
  readonly averagePool2d: (record: number) => void;
  readonly globalPool: (record: number) => void;
  readonly binary: (record: number) => void;
  readonly unary: (record: number) => void;
  readonly resizeLinear: (record: number) => void;
}
