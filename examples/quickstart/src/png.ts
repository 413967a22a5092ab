import { PNG } from "pngjs";

/** A grey picture as a data URL: dark strokes on white, as ink. `values` are [height * width], 255 = ink. */
export function greyPng(values: Uint8Array, width: number, height: number): string {
  const png = new PNG({ width, height, colorType: 0, inputColorType: 0, inputHasAlpha: false });
  png.data = Buffer.from(values.map((value) => 255 - value));
  return `data:image/png;base64,${PNG.sync.write(png, { colorType: 0, inputColorType: 0, inputHasAlpha: false }).toString("base64")}`;
}
