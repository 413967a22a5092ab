/**
 * How neighbouring patches of a stage deal with what both of them need.
 *
 * - `recompute`: each patch computes its own (MCUNetV2).
 * - `cacheColumns`: a patch keeps the columns that its right neighbour needs; rows are computed again (msf-CNN, StreamNet-1D).
 * - `cacheRows`: patches are strips of full width; each keeps the rows that the next one needs. Nothing is computed twice.
 * - `cacheBoth`: columns are kept in the patch, rows in line buffers across the whole width. Nothing is computed twice.
 */
export type Overlap = "recompute" | "cacheColumns" | "cacheRows" | "cacheBoth";

/**
 * Where the program's inputs are.
 *
 * - `resident`: in the arena, whole, until their last use.
 * - `external`: elsewhere (flash, a camera's buffer); a patch copies its part into the arena, and only that is counted.
 * - `callback`: as `external`, but a function is asked for the parts.
 */
export type InputMode = "resident" | "external" | "callback";

/** Where the program's outputs go: into the arena, or out of it as soon as they are made. */
export type OutputMode = "resident" | "external";

export interface Grid {
  readonly rows: number;
  readonly columns: number;
}

/**
 * One axis of a map in a stage, by patch: while patch i is worked on, positions `from[i]` to `to[i]` are stored, of which
 * `compute[i]` to `to[i]` are new and the others were kept from before. `from <= compute <= to`.
 */
export interface AxisParts {
  readonly from: readonly number[];
  readonly compute: readonly number[];
  readonly to: readonly number[];
}

/** One layer of a stage. */
export interface Step {
  /** Position in the network's layers. */
  readonly layer: number;
  /** The layer `add` that is carried out together with this convolution, into the buffer of its other operand. */
  readonly add?: number;
  /**
   * A global pooling at the end of a stage: it adds what each patch makes to the running sums in this buffer, and writes its output
   * with the last patch. Not where there is one patch.
   */
  readonly sums?: string;
  /** A depthwise convolution that overwrites its input: channels per round, and the name of its scratch buffer. */
  readonly inPlace?: { readonly channelBlock: number; readonly scratch: string };
}

/**
 * A run of layers that are carried out together for one patch after the other, patches in row-major order. A layer that runs
 * by itself on the whole image is a stage with one layer and one patch.
 */
export interface Stage {
  /** Layers `first`, …, `end - 1`. */
  readonly first: number;
  readonly end: number;
  readonly grid: Grid;
  readonly overlap: Overlap;
  readonly steps: readonly Step[];
  /** The map that the stage makes. */
  readonly output: string;
  /** Maps from outside that are copied in part by part (inputs that are not resident). Other maps from outside are read where they are. */
  readonly loads: readonly string[];
  /**
   * By patch row, and by patch column: every map that is loaded or computed inside, the output included. The grid cuts the output,
   * or what a pooling at the end reads; the output of the pooling belongs to the last patch.
   */
  readonly rows: Readonly<Record<string, AxisParts>>;
  readonly columns: Readonly<Record<string, AxisParts>>;
  readonly macs: number;
  /**
   * As `macs`, if nothing were clipped at the image's edge along axes where neighbours recompute (as TinyEngine runs, whose
   * patches at the edge are as large as the others).
   */
  readonly virtualMacs: number;
}

/**
 * - `map`: a whole feature map.
 * - `patch`: the part of a map that a stage holds; rows may be kept in it from strip to strip, columns from patch to patch.
 * - `lines`: rows of a map across its whole width that the next row of patches needs.
 * - `scratch`: for a depthwise convolution in place.
 * - `sums`: running sums of a global pooling at the end of a stage, 4 bytes per channel.
 */
export type BufferRole = "map" | "patch" | "lines" | "scratch" | "sums";

export interface ArenaBuffer {
  /** Unique: `role:map`, and `@stage` for buffers of a stage. */
  readonly name: string;
  readonly role: BufferRole;
  /** The map whose cells it holds; for scratch and sums the output of their layer. */
  readonly map: string;
  /** The stage it belongs to; undefined for `map`. */
  readonly stage?: number;
  /** Stored cells. */
  readonly rows: number;
  readonly columns: number;
  readonly bytes: number;
  /** Bytes from the start of the arena. */
  readonly offset: number;
  /** First and last moment at which it is alive. */
  readonly first: number;
  readonly last: number;
  /** The buffer whose bytes it takes over, at the same offset, because that one is used up here. */
  readonly takesOver?: string;
}

/** What is alive while a step runs. */
export interface Moment {
  readonly stage: number;
  /** Position in the stage's steps. */
  readonly step: number;
  /** Name of the layer. */
  readonly layer: string;
  readonly liveBytes: number;
}

export interface PlanOptions {
  readonly input: InputMode;
  readonly output: OutputMode;
  /** Depthwise convolutions, unary layers and additions may overwrite what they use up. */
  readonly inPlace: boolean;
  /** A convolution before an addition may add into the buffer of the other operand. */
  readonly accumulateIntoResidual: boolean;
  /** Offsets are multiples of this many bytes (at least of the cell's own size). */
  readonly align: 1 | 4 | 8 | 16;
}

/** What runs when, and where everything stands. Plain JSON. */
export interface Plan {
  readonly version: 1;
  /** Name of the network, and a fingerprint of its layers and weights. */
  readonly network: string;
  readonly fingerprint: string;
  readonly options: PlanOptions;
  readonly stages: readonly Stage[];
  readonly buffers: readonly ArenaBuffer[];
  readonly moments: readonly Moment[];
  /** Size of the arena: the highest end of a buffer. */
  readonly arenaBytes: number;
  /** The most bytes alive at one moment: no arrangement of the buffers needs less. */
  readonly lowerBoundBytes: number;
  /** Multiply-accumulates of the network layer by layer, of the plan, and of the plan if nothing were clipped. */
  readonly macs: { readonly network: number; readonly plan: number; readonly virtual: number };
}
