import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { readLayersModel } from "@parsimony/core-tensor/layers-model";
import { type Network, networkOf } from "@parsimony/patch-infer";

const require = createRequire(import.meta.url);

/** ESRGAN-slim, twice as large: takes and gives red, green and blue from 0 to 255. */
export function upscaler(height: number, width: number): Network {
  const file = (name: string): Buffer =>
    readFileSync(new URL(`models/x2/${name}`, packageRoot("@upscalerjs/esrgan-slim")));
  const model: unknown = JSON.parse(file("model.json").toString());
  const graph = readLayersModel(
    { model, weights: file("group1-shard1of1.bin") },
    { shapes: { LR: [1, height, width, 3] } },
  );
  return networkOf(graph);
}

/** Its folder: the package's exports do not name its files. */
function packageRoot(name: string): URL {
  const path = require.resolve.paths(name)?.map((folder) => `${folder}/${name}/package.json`) ?? [];
  for (const each of path) {
    try {
      readFileSync(each);
      return new URL(`file://${each}`);
    } catch {
      // Not in this folder.
    }
  }
  throw new Error(`${name} is not installed`);
}
