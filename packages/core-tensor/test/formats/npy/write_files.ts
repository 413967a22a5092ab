/**
 * Writes npy and npz files for check_files.py, which reads them with NumPy:
 *
 *     node --conditions=@parsimony/source --import tsx packages/core-tensor/test/formats/npy/write_files.ts out
 *     python3 packages/core-tensor/test/formats/npy/check_files.py out
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { argv } from "node:process";
import { readNpy, writeNpy, writeNpz } from "../../../src/formats/npy/index.ts";
import { numpyFiles } from "./numpyFiles.ts";

const folder = argv[2];
if (folder === undefined) throw new Error("write_files.ts: expected a folder as its argument, got none");
mkdirSync(folder, { recursive: true });

const tensors = Object.fromEntries(numpyFiles.arrays.map(({ title, file }) => [title, readNpy(file)]));
for (const [title, value] of Object.entries(tensors)) writeFileSync(join(folder, `${title}.npy`), writeNpy(value));
writeFileSync(join(folder, "stored.npz"), writeNpz(tensors));
writeFileSync(join(folder, "compressed.npz"), writeNpz(tensors, { compress: true }));
console.log(Object.keys(tensors).length, "arrays, alone and in two archives, in", folder);
