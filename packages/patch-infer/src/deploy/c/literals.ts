/** Types of the constants in generated code. */
export type CNumber = "int8_t" | "uint8_t" | "int16_t" | "uint16_t" | "int32_t" | "float";

export const numberBytes: Readonly<Record<CNumber, number>> = {
  int8_t: 1,
  uint8_t: 1,
  int16_t: 2,
  uint16_t: 2,
  int32_t: 4,
  float: 4,
};

const word = new DataView(new ArrayBuffer(4));

/** A float32 as a C99 literal of exactly its value: hexadecimal, which no compiler rounds. */
export function floatLiteral(value: number): string {
  if (Number.isNaN(value)) return "NAN";
  if (!Number.isFinite(value)) return value > 0 ? "INFINITY" : "-INFINITY";
  word.setFloat32(0, value);
  const bits = word.getUint32(0);
  const sign = bits >>> 31 === 1 ? "-" : "";
  const exponent = (bits >>> 23) & 0xff;
  const fraction = bits & 0x7fffff;
  if (exponent === 0 && fraction === 0) return `${sign}0.0f`;
  // 23 bits of fraction are moved up to 24, six hexadecimal digits.
  const digits = (fraction << 1).toString(16).padStart(6, "0").replace(/0+$/, "");
  const point = digits === "" ? "" : `.${digits}`;
  return exponent === 0 ? `${sign}0x0${point}p-126f` : `${sign}0x1${point}p${exponent - 127}f`;
}

export function integerLiteral(value: number): string {
  // The literal 2147483648 does not fit an int, also after a minus sign.
  return value === -2147483648 ? "(-2147483647 - 1)" : String(value);
}

export function literal(type: CNumber, value: number): string {
  return type === "float" ? floatLiteral(value) : integerLiteral(value);
}

/** Words in lines of at most 120 characters, indented by two. */
export function wrapped(words: readonly string[]): string {
  const lines: string[] = [];
  let line = " ";
  for (const [index, text] of words.entries()) {
    const piece = ` ${text}${index + 1 < words.length ? "," : ""}`;
    if (line.length + piece.length > 120) {
      lines.push(line);
      line = " ";
    }
    line += piece;
  }
  lines.push(line);
  return lines.join("\n");
}
