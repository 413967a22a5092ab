/**
 * The bytes that kernels work on, seen as cells of each type, and where the arena begins in them (a multiple of 16). Kernels
 * read the views in each run, never before: the compiled kernels make their memory when all layers are prepared.
 */
export interface KernelMemory {
  readonly arenaStart: number;
  readonly codes: Int8Array;
  readonly floats: Float32Array;
  /** 32-bit cells that are moved, whatever they are. */
  readonly words: Int32Array;
}

/** A memory of an arena only; the views may be longer by up to 3 bytes. */
export function arenaMemory(arena: Uint8Array): KernelMemory {
  const { buffer, byteOffset, byteLength } = arena;
  const cells = Math.min(Math.ceil(byteLength / 4), Math.floor((buffer.byteLength - byteOffset) / 4));
  return {
    arenaStart: 0,
    codes: new Int8Array(buffer, byteOffset, byteLength),
    floats: new Float32Array(buffer, byteOffset, cells),
    words: new Int32Array(buffer, byteOffset, cells),
  };
}
