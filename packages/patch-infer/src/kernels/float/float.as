// Kernels on float32 cells.
export function conv2d(record: usize): void {}
