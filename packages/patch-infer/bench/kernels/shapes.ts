/** A convolution of a square image with the same padding on all sides. */
export interface Shape {
  readonly kind: "conv2d" | "depthwiseConv2d";
  readonly size: number;
  readonly inputs: number;
  /** Of depthwise convolutions as many as inputs. */
  readonly outputs: number;
  readonly kernel: number;
  readonly stride: number;
}

function conv(size: number, inputs: number, outputs: number, kernel = 1, stride = 1): Shape {
  return { kind: "conv2d", size, inputs, outputs, kernel, stride };
}

function depthwise(size: number, inputs: number, kernel = 3, stride = 1): Shape {
  return { kind: "depthwiseConv2d", size, inputs, outputs: inputs, kernel, stride };
}

/** The different convolutions of MobileNetV2 1.0 at 224 x 224. */
export const mobileNetV2: readonly Shape[] = [
  conv(224, 3, 32, 3, 2),
  depthwise(112, 32),
  conv(112, 32, 16),
  conv(112, 16, 96),
  depthwise(112, 96, 3, 2),
  conv(56, 96, 24),
  conv(56, 24, 144),
  depthwise(56, 144),
  conv(56, 144, 24),
  depthwise(56, 144, 3, 2),
  conv(28, 144, 32),
  conv(28, 32, 192),
  depthwise(28, 192),
  conv(28, 192, 32),
  depthwise(28, 192, 3, 2),
  conv(14, 192, 64),
  conv(14, 64, 384),
  depthwise(14, 384),
  conv(14, 384, 64),
  conv(14, 384, 96),
  conv(14, 96, 576),
  depthwise(14, 576),
  conv(14, 576, 96),
  depthwise(14, 576, 3, 2),
  conv(7, 576, 160),
  conv(7, 160, 960),
  depthwise(7, 960),
  conv(7, 960, 160),
  conv(7, 960, 320),
  conv(7, 320, 1280),
  conv(1, 1280, 1000),
];

/** Of BlazeFace (short range). */
export const blazeFace: readonly Shape[] = [
  conv(128, 3, 24, 5, 2),
  depthwise(64, 24),
  conv(64, 24, 24),
  depthwise(64, 28, 3, 2),
  conv(32, 28, 32),
  depthwise(32, 36),
  conv(32, 36, 42),
  depthwise(16, 56),
  conv(16, 56, 64),
  conv(16, 88, 6),
  conv(8, 96, 96),
];

/** Others. */
export const single: readonly Shape[] = [
  conv(224, 3, 64, 7, 2),
  conv(56, 64, 64, 3),
  conv(28, 128, 128, 3),
  conv(14, 256, 256, 3),
  conv(7, 512, 512, 3),
  conv(56, 64, 64, 3, 2),
  conv(28, 128, 128, 1),
  conv(14, 512, 512, 1),
  conv(96, 3, 32, 3, 1),
  conv(96, 32, 3, 3, 1),
  depthwise(56, 64, 5),
  depthwise(28, 128, 7),
  depthwise(28, 128, 5, 2),
];

/** All lists, by name. */
export const shapeSets: Readonly<Record<string, readonly Shape[]>> = { mobileNetV2, blazeFace, single };

export function outputSize({ size, kernel, stride }: Shape): number {
  return Math.floor((size + 2 * Math.floor(kernel / 2) - kernel) / stride) + 1;
}

/** Multiply-accumulates, taps in padding included. */
export function macs(shape: Shape): number {
  const each = shape.kernel ** 2 * (shape.kind === "conv2d" ? shape.inputs : 1);
  return outputSize(shape) ** 2 * shape.outputs * each;
}
