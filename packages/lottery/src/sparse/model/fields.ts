import type { Mode } from "../kernels/kernels.ts";
import { type LayerShape, type Places, onePlace } from "../kernels/layerRecord.ts";
import type { ImageShape, Stage, WeightedStage } from "./stages.ts";

/** Where the result of a stage (or the input) stands: an image with zeros around it. */
export interface Field {
  readonly address: number;
  readonly image: ImageShape;
  /** Height and width with the zeros. */
  readonly padded: readonly [number, number];
  /** Element of the upper left corner of the image. */
  readonly corner: number;
}

/** Most examples that go side by side. */
export const mostLanes = 8;

/** How many examples go side by side when so many are left; some lanes may stay unused. */
export function lanesFor(left: number): 1 | 4 | 8 {
  return left >= 5 ? 8 : left >= 2 ? 4 : 1;
}

/** A single image is done four neighbouring places at a time where the layer has such. */
export function modeOf({ output, strides }: WeightedStage, lanes: number): Mode {
  if (lanes > 1) return lanes === 4 ? 1 : 2;
  return output[2] >= 4 && strides[1] === 1 ? 3 : 0;
}

export interface FieldShape extends Omit<Field, "address"> {
  readonly elements: number;
}

/** A field for an image that `reader` (none for the last) reads. */
export function fieldShape(image: ImageShape, reader: Stage | undefined): FieldShape {
  const [top, left, bottom, right] = reader?.kind === "weighted" ? reader.pads : [0, 0, 0, 0];
  const padded = [image[1] + top + bottom, image[2] + left + right] as const;
  const shape = { image, padded, corner: top * padded[1] + left };
  return { ...shape, elements: fieldElements(shape) };
}

/** One plane more than the image has: kernels write outputs by fours, the missing ones of the last four there. */
export function fieldElements({ image, padded }: Pick<Field, "image" | "padded">): number {
  return (image[0] + 1) * padded[0] * padded[1];
}

/** How the kernels walk from the field of the input to that of the output. */
export function layerShape(stage: WeightedStage, from: Pick<Field, "padded">, to: Pick<Field, "padded">): LayerShape {
  const [, countY, countX] = stage.output;
  const places: Places =
    stage.op === "matmul"
      ? onePlace
      : {
          countY,
          countX,
          inputStepY: stage.strides[0] * from.padded[1],
          inputStepX: stage.strides[1],
          outputStepY: to.padded[1],
          outputStepX: 1,
        };
  const outputStride = to.padded[0] * to.padded[1];
  const { bias, activation } = stage;
  return { ...(bias === undefined ? {} : { bias }), activation, outputStride, places };
}

/** The next multiple of a cache line: elements of eight floats then never lie across two. */
export function cacheAligned(bytes: number): number {
  return Math.ceil(bytes / 64) * 64;
}
