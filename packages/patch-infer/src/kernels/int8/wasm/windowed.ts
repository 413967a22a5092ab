/** Words of `Windowed` behind those of `Scaled`. */
export const windowedWordCount = 17;

/** Along one axis: the words of `Windowed` in scaled.as. */
export interface WindowAxis {
  readonly size: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly origin: number;
  /** Output positions of one phase; 1 and 0 for all. */
  readonly step: number;
  readonly phase: number;
}

export interface WindowedLayer {
  readonly rows: WindowAxis;
  readonly columns: WindowAxis;
  readonly channels: number;
  readonly outputChannels: number;
  readonly zeroPoint: number;
}

export function windowedWords({ rows, columns, channels, outputChannels, zeroPoint }: WindowedLayer): number[] {
  return [
    rows.size,
    columns.size,
    channels,
    outputChannels,
    rows.kernel,
    columns.kernel,
    rows.stride,
    columns.stride,
    rows.dilation,
    columns.dilation,
    rows.origin,
    columns.origin,
    rows.step,
    columns.step,
    rows.phase,
    columns.phase,
    zeroPoint,
  ];
}
