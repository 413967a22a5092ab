/** What int8.as exports. Each function takes the address of a record. */
export interface WasmInt8Exports {
  readonly conv2d: (record: number) => void;
}
