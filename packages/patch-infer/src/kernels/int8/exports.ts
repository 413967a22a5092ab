/** What the int8 kernels export. Each function takes the address of a record. */
export interface WasmInt8Exports {
  readonly conv2d: (record: number) => void;
  readonly depthwiseConv2d: (record: number) => void;
  /** Also takes a record of `Lines`; gives 0 where it cannot. */
  readonly depthwiseInPlace: (record: number, lines: number) => number;
  readonly spread: (record: number, from: number, size: number, first: number, channels: number) => void;
  readonly maxPool2d: (record: number) => void;
  readonly averagePool2d: (record: number) => void;
  readonly globalPool: (record: number) => void;
  readonly binary: (record: number) => void;
  readonly unary: (record: number) => void;
  readonly quantize: (record: number) => void;
  readonly dequantize: (record: number) => void;
  readonly resize2d: (record: number) => void;
}
