/**
 * Writes the test models to a folder, for check_models.py beside this file. Run by hand from the package's folder:
 *
 *     npx tsx test/formats/onnx/write_models.ts <folder> && python3 test/formats/onnx/check_models.py <folder>
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeModel } from "../../../src/formats/onnx/encode.ts";
import { externalBytes, models } from "./models.ts";

const folder = process.argv[2];
if (folder === undefined) throw new TypeError("write_models: expected a folder as the argument");
mkdirSync(folder, { recursive: true });
for (const [name, model] of Object.entries(models)) {
  writeFileSync(join(folder, `${name}.onnx`), encodeModel(model));
}
writeFileSync(join(folder, "weights.bin"), externalBytes);
