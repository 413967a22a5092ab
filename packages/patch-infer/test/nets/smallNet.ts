import type { Network } from "../../src/network/network.ts";
import { NetworkBuilder } from "./networkBuilder.ts";

export interface InvertedResidualOptions {
  channels: number;
  expansion: number;
  stride?: number;
  kernel?: number;
  /** Default: an addition where shapes agree. */
  residual?: boolean;
}

/** Expand, depthwise, project, and the addition. */
export function invertedResidual(net: NetworkBuilder, from: string, options: InvertedResidualOptions): string {
  const { channels, expansion, stride = 1, kernel = 3, residual = true } = options;
  const input = net.map(from).channels;
  const wide = expansion === 1 ? from : net.conv(from, input * expansion);
  const narrow = net.conv(net.depthwise(wide, { kernel, stride, padding: "same" }), channels);
  return residual && stride === 1 && channels === input ? net.binary(narrow, from) : narrow;
}

/** Full resolution in two blocks, then a small tail: patches save most of its memory. */
export function smallNet(): Network {
  const net = new NetworkBuilder("small");
  let at = net.conv(net.input(32, 32, 3), 8, { kernel: 3, padding: "same" });
  at = invertedResidual(net, at, { channels: 8, expansion: 4, stride: 2 });
  at = invertedResidual(net, at, { channels: 8, expansion: 4 });
  at = invertedResidual(net, at, { channels: 16, expansion: 4, stride: 2 });
  return net.build([net.conv(net.globalPool(at), 4)]);
}
