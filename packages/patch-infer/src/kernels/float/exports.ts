/** What float.as exports. Each function takes the address of a record. */
export interface WasmFloatExports {
  readonly conv2d: (record: number) => void;
  readonly depthwiseConv2d: (record: number) => void;
  readonly depthwiseInPlace: (record: number) => void;
}
