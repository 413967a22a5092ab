import { ArgumentError } from "../../tensor/errors.ts";
import type { HostTensor } from "../../tensor/host.ts";
import { formatShape } from "../../tensor/shape.ts";
import { LENGTH_BYTES, type RawTensor, type SafetensorsDType } from "./format.ts";
import { quote } from "../quote.ts";
import { dtypeOf, hostTensor } from "./hostTensor.ts";
import { type TensorLayout, headerEnd, parseLayout } from "./parse.ts";
import { type ByteSource, type SafetensorsSource, openSource, readExactly } from "./source.ts";

declare global {
  // As in TypeScript's library esnext.disposable, so that programs compiled with an older one read our declarations.
  interface SymbolConstructor {
    readonly asyncDispose: unique symbol;
  }
}

/** What the header says about a tensor. */
export interface TensorInfo {
  /** Element type, as the format calls it. */
  readonly dtype: SafetensorsDType;
  readonly shape: readonly number[];
  /** Bytes that it takes in the file. */
  readonly bytes: number;
}

/** Rows `start` to `end - 1`, counted along axis 0: whole numbers with `0 <= start <= end <= shape[0]`. */
export interface RowRange {
  /** Default: 0. */
  readonly start?: number;
  /** Default: all that are there. */
  readonly end?: number;
}

/** A safetensors file of which only the header has been read. */
export interface SafetensorsFile {
  /** In the order of their bytes in the file. */
  readonly names: readonly string[];
  /** Free text by key; empty where the file has none. */
  readonly metadata: Readonly<Record<string, string>>;
  /** @throws ArgumentError when there is no tensor of this name, as the functions below. */
  info(name: string): TensorInfo;
  /**
   * Reads one tensor, or some of its rows: those bytes of the file and no others.
   *
   * @throws SafetensorsError when the file was cut meanwhile, for a type that Tensor does not have (U16, F8_…) and for
   *   a boolean other than 0 and 1; ArgumentError for rows that are not there and after `close`.
   */
  tensor(name: string, rows?: RowRange): Promise<HostTensor>;
  /** As `tensor`, but as bytes: for element types that Tensor does not have. */
  raw(name: string, rows?: RowRange): Promise<RawTensor>;
  /** Ends it; a file that was opened by its path is closed, a handed-in source is its owner's to close. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Opens a safetensors file without reading it: 8 bytes and the header now, each tensor when it is asked for.
 *
 * @param source `{ size, read(offset, length) }`, a Blob or File, a FileHandle of Node, or (on Node) a path or file URL.
 * @throws SafetensorsError as `readSafetensors` does, except that what stands inside a tensor is checked when it is
 *   read; ArgumentError for something that is no source; the source's own errors.
 * @example
 * const file = await openSafetensors("model.safetensors");
 * const rows = await file.tensor("embedding.weight", { start: 1000, end: 1010 });
 */
// The first overload gives types to the arguments of a `read` that is written in place; of the union's two kinds of
// `read` none would.
export function openSafetensors(source: ByteSource): Promise<SafetensorsFile>;
export function openSafetensors(source: SafetensorsSource): Promise<SafetensorsFile>;
export async function openSafetensors(source: SafetensorsSource): Promise<SafetensorsFile> {
  const opened = await openSource(source);
  try {
    const { tensors, metadata } = await readLayout(opened.source);
    return lazyFile(opened.source, tensors, metadata, opened.close);
  } catch (error) {
    await opened.close();
    throw error;
  }
}

async function readLayout(source: ByteSource): Promise<ReturnType<typeof parseLayout>> {
  const length = await readExactly(source, 0, Math.min(LENGTH_BYTES, source.size));
  const end = headerEnd(length, source.size);
  const start = new Uint8Array(end);
  start.set(length);
  start.set(await readExactly(source, LENGTH_BYTES, end - LENGTH_BYTES), LENGTH_BYTES);
  return parseLayout(start, source.size);
}

function lazyFile(
  source: ByteSource,
  tensors: readonly TensorLayout[],
  metadata: Readonly<Record<string, string>>,
  closeSource: () => Promise<void>,
): SafetensorsFile {
  const byName = new Map(tensors.map((layout) => [layout.name, layout]));
  let closing: Promise<void> | undefined;

  const find = (name: string): TensorLayout => {
    const layout = byName.get(name);
    if (layout !== undefined) return layout;
    const known = tensors.slice(0, 5).map((tensor) => quote(tensor.name));
    const expected = `one of the file's ${tensors.length} tensors (${known.join(", ")}${tensors.length > 5 ? ", …" : ""})`;
    throw new ArgumentError({ op: "openSafetensors", argument: "name", expected, found: quote(name) });
  };
  const readPart = async ({ begin, end }: Part): Promise<Uint8Array> => {
    if (closing !== undefined) {
      throw new ArgumentError({ op: "openSafetensors", expected: "an open file", found: "one that was closed" });
    }
    return readExactly(source, begin, end - begin);
  };
  const close = async (): Promise<void> => {
    closing ??= closeSource();
    return closing;
  };

  return {
    names: tensors.map(({ name }) => name),
    metadata,
    info(name) {
      const { dtype, shape, begin, end } = find(name);
      return { dtype, shape, bytes: end - begin };
    },
    async tensor(name, rows) {
      const layout = find(name);
      const part = partOf(layout, rows);
      const dtype = dtypeOf(name, layout.dtype, layout.begin);
      return hostTensor(name, dtype, part.shape, await readPart(part), part.begin);
    },
    async raw(name, rows) {
      const layout = find(name);
      const part = partOf(layout, rows);
      return { dtype: layout.dtype, shape: part.shape, bytes: await readPart(part) };
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

type Part = Pick<TensorLayout, "shape" | "begin" | "end">;

/** Where rows lie: next to each other, since tensors are stored row by row. */
function partOf(layout: TensorLayout, rows: RowRange | undefined): Part {
  if (rows === undefined) return layout;
  const { name, shape, begin, end } = layout;
  const [count, ...rest] = shape;
  const [first, last] = [rows.start ?? 0, rows.end ?? count ?? 0];
  const inside = Number.isInteger(first) && Number.isInteger(last) && 0 <= first && first <= last;
  if (count === undefined || !inside || last > count) {
    throw new ArgumentError({
      op: "openSafetensors",
      argument: `rows of ${quote(name)}`,
      expected: count === undefined ? "none (it is a scalar)" : `0 <= start <= end <= ${count}`,
      found: `start ${first}, end ${last} of ${formatShape(shape.slice(0, 8))}`,
    });
  }
  // Exact: the size of a tensor is the product of its dimensions.
  const rowBytes = count === 0 ? 0 : (end - begin) / count;
  return { shape: [last - first, ...rest], begin: begin + first * rowBytes, end: begin + last * rowBytes };
}
