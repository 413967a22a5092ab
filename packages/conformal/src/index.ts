export * from "./base/index.ts";
export * from "./classification/index.ts";
export * from "./detection/index.ts";
export * from "./metrics/index.ts";
export * from "./predictive/index.ts";
export * from "./quantile/index.ts";
export * from "./regression/index.ts";
