import type { CastOps } from "../../ops/cast/index.ts";
import { type DType, dtypes, isFloat } from "../../tensor/dtype.ts";
import { type Fact, exact, isExact, leastWhole, magnitude, mostWhole, wrapped } from "./fact.ts";
import type { TemplateTable } from "./template.ts";
import { Inapplicable, type ProgramWriter, isExactOf } from "./writer.ts";

/** Bounds after conversion, from an exact value. */
function converted(x: Fact, dtype: DType): ReturnType<typeof exact> {
  if (dtype === "bool") return exact(0, 1, 1);
  const whole = x.dtype === "bool" || !isFloat(x.dtype);
  if (isFloat(dtype)) return exact(x.low, x.high, x.grid);
  if (whole) return wrapped(dtype, x.low, x.high);
  const inside = (value: number): number => Math.trunc(Math.min(Math.max(value, leastWhole(dtype)), mostWhole(dtype)));
  return exact(inside(x.low), inside(x.high), 1);
}

/** Powers of two: quotients and products are exact, halves are halves. */
const scales = [1, 0.5, 2, 0.25] as const;

/** Steps that change element types. */
export const castTemplates: TemplateTable<keyof CastOps> = {
  cast: (writer) => {
    const dtype = writer.oneOf<DType>([writer.float, "int32", "bool", "int64", "int8", "uint8"]);
    const x = writer.value((fact) => isExact(fact) && fact.dtype !== dtype);
    if (isFloat(dtype) && magnitude(x) > 4096) throw new Inapplicable();
    writer.emit("cast", [x], { dtype }, converted(x, dtype));
  },
  quantize: (writer) => {
    const x = writer.value(isExactOf(writer.float));
    const dtype = writer.oneOf<DType>(["int8", "uint8"]);
    const zero = writer.choose(4);
    const inputs = [x, writer.scalar(x.dtype, writer.oneOf(scales)), writer.scalar(dtype, zero)];
    writer.emit(
      "quantize",
      inputs,
      { axis: null, blockSize: 0, dtype },
      exact(dtypes[dtype].min, dtypes[dtype].max, 1),
    );
  },
  dequantize: (writer) => {
    const q = writer.value(isExactOf("int8", "uint8"));
    const scale = writer.oneOf(scales);
    const zero = writer.choose(4);
    const inputs = [q, writer.scalar(writer.float, scale), writer.scalar(q.dtype, zero)];
    const bounds = exact((q.low - zero) * scale, (q.high - zero) * scale, Math.min(scale, 1));
    writer.emit("dequantize", inputs, { axis: null, blockSize: 0, dtype: writer.float }, bounds);
  },
  stopGradient: (writer: ProgramWriter) => {
    const x = writer.value(() => true);
    writer.emit("stopGradient", [x], {}, x);
  },
};
