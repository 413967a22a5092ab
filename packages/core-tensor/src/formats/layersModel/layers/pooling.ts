import { avgPool2d, max, maxPool2d, mean, resize2d } from "../../../ops/index.ts";
import { quote } from "../../quote.ts";
import type { LayerReader } from "../layer.ts";
import { plain } from "../value.ts";

function pooling(pool: typeof maxPool2d | typeof avgPool2d): LayerReader {
  return (layer) => {
    const kernel = layer.config.optional("pool_size")?.pair(1) ?? ([2, 2] as const);
    const strides = layer.config.optional("strides")?.pair(1) ?? kernel;
    return layer.result(pool(layer.image(), { kernel, strides, pads: layer.padding() }));
  };
}

/** One number per channel. */
function global(reduce: typeof mean | typeof max): LayerReader {
  return (layer) => {
    const keepDims = layer.config.optional("keepdims")?.flag() ?? false;
    const y = reduce(layer.image(), [2, 3], { keepDims });
    return keepDims ? layer.result(y) : plain(y);
  };
}

/** Every cell `size` times. Linear interpolation takes positions as TensorFlow.js does: output / size, not of cells' centres. */
const upSampling: LayerReader = (layer) => {
  const size = layer.config.optional("size")?.pair(1) ?? ([2, 2] as const);
  const mode = layer.config.optional("interpolation")?.text() ?? "nearest";
  const x = layer.image();
  const to = [(x.shape[2] as number) * size[0], (x.shape[3] as number) * size[1]] as const;
  if (mode === "nearest") {
    return layer.result(resize2d(x, to, { mode: "nearest", coordinateMode: "asymmetric", nearestMode: "floor" }));
  }
  if (mode !== "bilinear") return layer.refuse(`interpolation ${quote(mode)}`);
  return layer.result(resize2d(x, to, { mode: "linear", coordinateMode: "asymmetric" }));
};

export const poolings: Readonly<Record<string, LayerReader>> = {
  MaxPooling2D: pooling(maxPool2d),
  AveragePooling2D: pooling(avgPool2d),
  GlobalAveragePooling2D: global(mean),
  GlobalMaxPooling2D: global(max),
  UpSampling2D: upSampling,
};
