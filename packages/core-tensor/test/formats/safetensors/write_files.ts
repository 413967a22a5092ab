/**
 * Writes a file of every dtype for check_files.py, which reads it with PyTorch:
 *
 *     node --conditions=@parsimony/source --import tsx packages/core-tensor/test/formats/safetensors/write_files.ts out
 *     python3 packages/core-tensor/test/formats/safetensors/check_files.py out
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { argv } from "node:process";
import { writeSafetensors } from "../../../src/formats/safetensors/index.ts";
import { tensor } from "../../../src/tensor/create.ts";
import { type DType, dtypes } from "../../../src/tensor/dtype.ts";

const folder = argv[2];
if (folder === undefined) throw new Error("write_files.ts: expected a folder as its argument, got none");
mkdirSync(folder, { recursive: true });

const floats = [-2.5, 0, 1, 0.1, 3.0e-5, 1000.25];
const names: DType[] = ["float64", "float32", "float16", "bfloat16", "int64", "int32", "int8", "uint8", "bool"];
const tensors = Object.fromEntries(
  names.map((dtype) => {
    const { kind, min, max } = dtypes[dtype];
    const wide = dtype === "int64" ? BigInt64Array.of(-(2n ** 63n), -1n, 0n, 1n, 5n, 2n ** 63n - 1n) : undefined;
    const data = kind === "float" ? floats : kind === "bool" ? [0, 1, 0, 0, 1, 1] : [min, 0, 1, 2, 3, max];
    return [dtype, tensor(wide ?? data, { dtype, shape: [2, 3] })];
  }),
);
const values = Object.fromEntries(
  Object.entries(tensors).map(([name, value]) => [
    name,
    Array.from(value.dataSync() as Iterable<number | bigint>, String),
  ]),
);
const file = writeSafetensors(
  { ...tensors, scalar: tensor(0.5), empty: tensor([], { shape: [0, 4], dtype: "float16" }) },
  { metadata: { note: 'é "quoted" 😀' } },
);
writeFileSync(join(folder, "ours.safetensors"), file);
writeFileSync(join(folder, "ours.json"), JSON.stringify({ ...values, scalar: ["0.5"], empty: [] }));
console.log(join(folder, "ours.safetensors"), file.length, "bytes");
