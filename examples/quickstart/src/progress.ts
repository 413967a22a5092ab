import type { WriteStream } from "node:tty";
import type { Progress } from "./train.ts";

const width = 30;

/** Draws one line per epoch: a bar that grows where the stream is a terminal, the finished line elsewhere. */
export function showProgress(stream: WriteStream): (progress: Progress) => void {
  return ({ epoch, epochs, images, of, loss, imagesPerSecond }) => {
    const done = Math.round((images / of) * width);
    const bar = `${"#".repeat(done)}${".".repeat(width - done)}`;
    const line = `epoch ${epoch + 1}/${epochs} [${bar}] loss ${loss.toFixed(4)}  ${Math.round(imagesPerSecond).toLocaleString("en")} images/s`;
    if (stream.isTTY) stream.write(`\r${line}${images === of ? "\n" : ""}`);
    else if (images === of) stream.write(`${line}\n`);
  };
}
