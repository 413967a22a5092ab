import { ArgumentError } from "../../tensor/errors.ts";
import { SafetensorsError } from "./format.ts";

/** Bytes that are read piece by piece: a file, a part of one, something behind a network. */
export interface ByteSource {
  /** Bytes in all. */
  readonly size: number;
  /** The `length` bytes from `offset` on, both whole numbers inside `size`. May be called again before it is done. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** A browser's `Blob` or `File`, by the members that are used. */
export interface BlobLike {
  readonly size: number;
  slice(begin: number, end: number): { arrayBuffer(): Promise<ArrayBuffer> };
}

/** A `FileHandle` of `node:fs/promises`, by the members that are used. */
export interface FileHandleLike {
  stat(): Promise<{ readonly size: number }>;
  read(buffer: Uint8Array, offset: number, length: number, position: number): Promise<{ readonly bytesRead: number }>;
}

/** A `URL`, by the member that is used. */
export interface UrlLike {
  readonly href: string;
}

/** What `openSafetensors` reads from. A text is a path; a URL has to be one of a file. Both need Node. */
export type SafetensorsSource = ByteSource | BlobLike | FileHandleLike | string | UrlLike;

/** A source, and what ends it: nothing for one that its owner handed in. */
export interface OpenSource {
  readonly source: ByteSource;
  close(): Promise<void>;
}

const noClose = async (): Promise<void> => {};

/** @throws ArgumentError for anything that is no source; Node's own error when a path cannot be opened. */
export async function openSource(from: SafetensorsSource): Promise<OpenSource> {
  if (typeof from === "string") return openPath(from);
  if (typeof from === "object" && from !== null) {
    if ("href" in from) return openPath(fileUrl(from.href));
    if ("slice" in from && "size" in from) return { source: blobSource(from), close: noClose };
    if ("stat" in from) return { source: await handleSource(from), close: noClose };
    if ("read" in from && "size" in from) return { source: checked(from), close: noClose };
  }
  throw new ArgumentError({
    op: "openSafetensors",
    argument: "source",
    expected: "{ size, read(offset, length) }, a Blob, a FileHandle, a path or a file URL",
    found: from === null ? "null" : typeof from,
  });
}

/**
 * Exactly these bytes of a source.
 *
 * @throws SafetensorsError (`truncated`) when it has fewer: the file was cut after its size was taken.
 */
export async function readExactly(source: ByteSource, offset: number, length: number): Promise<Uint8Array> {
  if (length === 0) return new Uint8Array(0);
  const bytes = await source.read(offset, length);
  if (bytes.length < length) {
    const message = `expected ${length} bytes from byte ${offset} on, got ${bytes.length}`;
    throw new SafetensorsError("truncated", offset + bytes.length, message);
  }
  if (bytes.length > length) {
    throw new ArgumentError({
      op: "openSafetensors",
      argument: "source",
      expected: `${length} bytes from read(${offset}, ${length})`,
      found: String(bytes.length),
    });
  }
  return bytes;
}

function checked(source: ByteSource): ByteSource {
  if (!Number.isSafeInteger(source.size) || source.size < 0) {
    throw new ArgumentError({
      op: "openSafetensors",
      argument: "size of the source",
      expected: "a whole number >= 0",
      found: String(source.size),
    });
  }
  return source;
}

function blobSource(blob: BlobLike): ByteSource {
  return checked({
    size: blob.size,
    read: async (offset, length) => new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer()),
  });
}

/** Node reads at most 2^31 - 1 bytes in one call. */
const LARGEST_READ = 2 ** 30;

async function handleSource(handle: FileHandleLike): Promise<ByteSource> {
  const { size } = await handle.stat();
  return checked({
    size,
    async read(offset, length) {
      const bytes = new Uint8Array(length);
      let at = 0;
      while (at < length) {
        const { bytesRead } = await handle.read(bytes, at, Math.min(length - at, LARGEST_READ), offset + at);
        if (bytesRead === 0) break;
        at += bytesRead;
      }
      return bytes.subarray(0, at);
    },
  });
}

interface FileSystem {
  open(path: string | URL, flags: "r"): Promise<FileHandleLike & { close(): Promise<void> }>;
}

async function openPath(path: string | URL): Promise<OpenSource> {
  // Not an import: bundlers for browsers follow those, and stop at a module that only Node has.
  const runtime = globalThis as { process?: { getBuiltinModule?: (name: string) => object | undefined } };
  const files = runtime.process?.getBuiltinModule?.("node:fs/promises") as FileSystem | undefined;
  if (files === undefined) {
    throw new ArgumentError({
      op: "openSafetensors",
      argument: "source",
      expected: "a Blob or { size, read(offset, length) }, since there is no node:fs here",
      found: "a path",
    });
  }
  const handle = await files.open(path, "r");
  try {
    return { source: await handleSource(handle), close: () => handle.close() };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

function fileUrl(href: string): URL {
  if (!href.startsWith("file:")) {
    throw new ArgumentError({
      op: "openSafetensors",
      argument: "source",
      expected: "a file URL; for others, (await fetch(url)).blob() or a source that asks for ranges",
      found: href.slice(0, 60),
    });
  }
  return new URL(href);
}
