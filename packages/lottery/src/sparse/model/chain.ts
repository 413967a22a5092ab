import { LotteryError } from "../../base/errors.ts";
import type { Kernels } from "../kernels/kernels.ts";
import { placeLayer, placedBytes } from "../kernels/layerRecord.ts";
import type { Layout } from "../kernels/layout.ts";
import { newKernels } from "../kernels/newKernels.ts";
import {
  type Field,
  cacheAligned,
  fieldElements,
  fieldShape,
  lanesFor,
  layerShape,
  modeOf,
  mostLanes,
} from "./fields.ts";
import { maxPool } from "./maxPool.ts";
import { type ImageShape, type Stage, imageSize } from "./stages.ts";

/** A stage and, where it has weights, how they are laid out. */
export interface LaidOutStage {
  readonly stage: Stage;
  readonly layout?: Layout;
}

/** What a chain does to examples that stand one after the other. */
export interface Chain {
  readonly engine: Kernels["engine"];
  /** Bytes of its memory. */
  readonly bytes: number;
  run(x: Float32Array, batch: number): Float32Array;
}

/** Puts a chain into a memory of its own. */
export function newChain(stages: readonly LaidOutStage[], engine?: Kernels["engine"]): Chain {
  const first = (stages[0] as LaidOutStage).stage;
  const images = [first.input, ...stages.map(({ stage }) => stage.output)];
  const shapes = images.map((image, i) => fieldShape(image, stages[i]?.stage));
  const staged = Math.max(imageSize(first.input), imageSize(images.at(-1) as ImageShape));
  const fieldBytes = shapes.map(({ elements }) => cacheAligned(4 * mostLanes * elements));
  const layerBytes = stages.map(({ layout }) => (layout === undefined ? 0 : placedBytes(layout)));
  const total = [...fieldBytes, ...layerBytes, cacheAligned(4 * mostLanes * staged), 64].reduce((a, b) => a + b, 0);
  if (total > 2 ** 32 - 65_536) throw new LotteryError("E_SPARSE", `compileSparse: a chain needs ${total} bytes`);
  const kernels = newKernels(total, engine);
  let next = 64;
  const fields = shapes.map(({ image, padded, corner }, i): Field => {
    const address = next;
    next += fieldBytes[i] as number;
    return { address, image, padded, corner };
  });
  const staging = next;
  next += cacheAligned(4 * mostLanes * staged);
  const layers = stages.map(({ stage, layout }, i) => {
    if (layout === undefined || stage.kind !== "weighted") return 0;
    const placed = placeLayer(
      kernels.memory,
      next,
      layout,
      layerShape(stage, fields[i] as Field, fields[i + 1] as Field),
    );
    next = placed.end;
    return placed.layer;
  });
  const floats = new Float32Array(kernels.memory);
  let lastLanes = 0;

  /** Some examples that stand in the staging area, through all stages and back. */
  const runPanel = (lanes: number): void => {
    // Zeros around images stand elsewhere when an element has another size.
    if (lanes !== lastLanes) {
      for (const field of fields)
        floats.fill(0, field.address / 4, field.address / 4 + mostLanes * fieldElements(field));
    }
    lastLanes = lanes;
    load(lanes);
    stages.forEach(({ stage }, i) => {
      const from = fields[i] as Field;
      const to = fields[i + 1] as Field;
      const y = to.address + 4 * lanes * to.corner;
      if (stage.kind === "maxPool") {
        maxPool(floats, from.address / 4, y / 4, stage, { input: from.padded, output: to.padded, lanes });
      } else kernels.run(layers[i] as number, modeOf(stage, lanes), from.address, y);
    });
    const last = fields.at(-1) as Field;
    const size = imageSize(last.image);
    if (lanes === 1) floats.copyWithin(staging / 4, last.address / 4, last.address / 4 + size);
    else kernels.separate(last.address, staging, size, lanes);
  };

  const load = (lanes: number): void => {
    const field = fields[0] as Field;
    const size = imageSize(field.image);
    const plain = field.padded[0] === field.image[1] && field.padded[1] === field.image[2];
    if (plain) {
      if (lanes > 1) kernels.interleave(staging, field.address, size, lanes);
      else floats.copyWithin(field.address / 4, staging / 4, staging / 4 + size);
      return;
    }
    const [channels, height, width] = field.image;
    // Rows between the zeros around them.
    for (let row = 0; row < channels * height; row++) {
      const plane = Math.floor(row / height) * field.padded[0] + (row % height);
      const to = field.address + 4 * lanes * (field.corner + plane * field.padded[1]);
      for (let lane = 0; lane < lanes; lane++) {
        const from = staging / 4 + lane * size + row * width;
        if (lanes === 1) floats.copyWithin(to / 4, from, from + width);
        else for (let i = 0; i < width; i++) floats[to / 4 + i * lanes + lane] = floats[from + i] as number;
      }
    }
  };

  const inputSize = imageSize(first.input);
  const outputSize = imageSize(images.at(-1) as ImageShape);
  return {
    engine: kernels.engine,
    bytes: kernels.memory.byteLength,
    run: (x, batch) => {
      const out = new Float32Array(batch * outputSize);
      for (let done = 0; done < batch; ) {
        const lanes = lanesFor(batch - done);
        const count = Math.min(lanes, batch - done);
        floats.set(x.subarray(done * inputSize, (done + count) * inputSize), staging / 4);
        runPanel(lanes);
        out.set(floats.subarray(staging / 4, staging / 4 + count * outputSize), done * outputSize);
        done += count;
      }
      return out;
    },
  };
}
