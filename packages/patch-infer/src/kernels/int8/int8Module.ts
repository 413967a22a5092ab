// Generated from int8.as by packages/patch-infer/scripts/buildKernels.ts. Do not edit.
// Source and options: SHA-256 1e69f122162145645818a41af39c7d696b3bad90aff627e2f037feed5ba72b86

/** The compiled kernels (63 bytes of WebAssembly), in base64. */
export const int8Module: string =
  "AGFzbQEAAAABBQFgAX8AAg8BA2VudgZtZW1vcnkCAAADAgEABxMCBmNvbnYyZAAABm1lbW9yeQIACgQBAgAL";
