// Kernels on int8 cells.
export function conv2d(record: usize): void {}
