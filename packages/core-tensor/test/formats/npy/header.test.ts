import { describe, expect, test } from "vitest";
import type { NpyErrorCode } from "../../../src/formats/npy/index.ts";
import { NpyError } from "../../../src/formats/npy/index.ts";
import { MAX_PREFIX_BYTES, parseHeader } from "../../../src/formats/npy/header.ts";

/** A file of version 1.0 with this header and nothing else. */
function file(header: string, major = 1, minor = 0): Uint8Array {
  const text = Buffer.from(header, "latin1");
  const bytes = Buffer.alloc((major === 1 ? 10 : 12) + text.length);
  bytes.set([0x93, ...Buffer.from("NUMPY"), major, minor]);
  if (major === 1) bytes.writeUInt16LE(text.length, 8);
  else bytes.writeUInt32LE(text.length, 8);
  bytes.set(text, bytes.length - text.length);
  return bytes;
}

const header = (shape: string, descr = "'<f4'", order = "False"): string =>
  `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}, }`;

describe("read", () => {
  test.each([
    ["as NumPy writes it", `${header("(2, 3)")}     \n`, [2, 3], false],
    ["a scalar", header("()"), [], false],
    ["one dimension", header("(7,)"), [7], false],
    ["a comma after the last dimension", header("(2, 3,)"), [2, 3], false],
    ["long integers of Python 2", header("(2L, 3L)"), [2, 3], false],
    ["Fortran order", header("(2, 3)", "'<f4'", "True"), [2, 3], true],
    ["double quotes, no spaces, another order", '{"shape":(2,3),"fortran_order":False,"descr":"<f4"}', [2, 3], false],
    [
      "white space everywhere",
      "\n { 'descr' :\t'<f4' , 'fortran_order': False,\r\n'shape' : ( 2 , 3 ) } ",
      [2, 3],
      false,
    ],
  ])("%s", (_title, text, shape, fortranOrder) => {
    const read = parseHeader(file(text));
    const begin = 10 + text.length;
    const end = begin + 4 * shape.reduce((size, dim) => size * dim, 1);
    expect(read).toMatchObject({ shape, fortranOrder, begin, end });
  });

  test("versions 2.0 and 3.0, whose length has four bytes", () => {
    for (const major of [2, 3]) expect(parseHeader(file(header("()"), major))).toMatchObject({ shape: [] });
  });

  test.each(["<f4", ">f4", "=f4", "|f4"])("byte order of %s", (descr) => {
    const { elements } = parseHeader(file(header("()", `'${descr}'`)));
    expect(elements).toMatchObject({ type: { dtype: "float32" }, bigEndian: descr === ">f4" });
  });

  test("64 dimensions, and huge ones beside a 0", () => {
    expect(parseHeader(file(header(`(${"1, ".repeat(64)})`))).shape).toHaveLength(64);
    expect(parseHeader(file(header("(0, 2251799813685247)")))).toMatchObject({ shape: [0, 2251799813685247] });
  });
});

describe("refused, with the reason and the place", () => {
  const cases: [string, Uint8Array, NpyErrorCode, number][] = [
    ["another file", Buffer.from("PK\u0003\u0004 and so on"), "not-npy", 0],
    ["magic bytes that go wrong", Buffer.from("\u0093NUMPI\u0001\u0000", "latin1"), "not-npy", 5],
    ["version 0.1", file(header("()"), 0, 1), "unsupported-version", 6],
    ["version 4.0", file(header("()"), 4), "unsupported-version", 6],
    ["version 1.1", file(header("()"), 1, 1), "unsupported-version", 6],
    ["a header above 10,000 bytes", file(" ".repeat(10_001)), "header-too-large", 8],
    ["a header beyond the end", file(header("()")).subarray(0, 40), "truncated", 40],
    ["an empty header", file(""), "invalid-header", 10],
    ["a list", file("[]"), "invalid-header", 10],
    ["an empty dictionary", file("{}"), "invalid-header", 10],
    ["a missing key", file("{'descr': '<f4', 'fortran_order': False}"), "invalid-header", 10],
    ["an unknown key", file("{'descr': '<f4', 'order': 'C'}"), "invalid-header", 27],
    ["a key twice", file("{'descr': '<f4', 'descr': '<f4'}"), "invalid-header", 27],
    ["a key named as a property", file("{'__proto__': '<f4'}"), "invalid-header", 11],
    ["something after the dictionary", file(`${header("()")} 1`), "invalid-header", 66],
    ["a dictionary without end", file("{'descr': '<f4'"), "invalid-header", 25],
    ["a text without end", file("{'descr: "), "invalid-header", 11],
    ["an escape", file("{'descr': '\\x3cf4'}"), "invalid-header", 21],
    ["a character beyond ASCII", file("{'descr': '\u00e9'}"), "invalid-header", 21],
    ["a text with a prefix", file("{u'descr': '<f4'}"), "invalid-header", 11],
    ["a call", file(header("()", "__import__('os')")), "invalid-header", 20],
    ["a number for the order", file(header("()", "'<f4'", "0")), "invalid-header", 44],
    ["an order cut off", file("{'fortran_order': Fals"), "invalid-header", 28],
    ["a list for the shape", file(header("[2, 3]")), "invalid-header", 60],
    ["a number for the shape", file(header("2")), "invalid-header", 60],
    ["a number in parentheses, which is no tuple", file(header("(2)")), "invalid-header", 62],
    ["a comma alone", file(header("(,)")), "invalid-header", 61],
    ["two commas", file(header("(2,,3)")), "invalid-header", 63],
    ["no comma", file(header("(2, 3 4)")), "invalid-header", 66],
    ["a negative dimension", file(header("(-1, 3)")), "invalid-header", 61],
    ["a fraction", file(header("(1.5, 3)")), "invalid-header", 62],
    ["a leading zero", file(header("(02, 3)")), "invalid-header", 61],
    ["a sum", file(header("(2+2, 3)")), "invalid-header", 62],
    ["65 dimensions", file(header(`(${"1, ".repeat(65)})`)), "invalid-header", 253],
    ["nested tuples", file(header(`${"(".repeat(5000)}`)), "invalid-header", 61],
    ["a dimension above 2^53", file(header("(9007199254740992,)")), "overflow", 61],
    ["a product above 2^53", file(header("(4294967296, 4294967296)")), "overflow", 51],
    ["the same beside a 0", file(header("(4294967296, 4294967296, 0)")), "overflow", 51],
    ["records", file(header("()", "[('x', '<f4')]")), "unsupported-dtype", 11],
    ["records behind spaces", file(header("()", "   [('x', '<f4')]")), "unsupported-dtype", 11],
    ["uint64", file(header("()", "'<u8'")), "unsupported-dtype", 11],
    ["objects, which would be pickled", file(header("()", "'|O'")), "unsupported-dtype", 11],
    ["a descriptor without byte order", file(header("()", "'f4'")), "unsupported-dtype", 11],
    ["an empty descriptor", file(header("()", "''")), "unsupported-dtype", 11],
    ["a property of objects as descriptor", file(header("()", "'<toString'")), "unsupported-dtype", 11],
  ];

  test.each(cases)("%s", (_title, bytes, code, offset) => {
    const call = (): unknown => parseHeader(bytes);
    expect(call).toThrow(NpyError);
    expect(call).toThrow(expect.objectContaining({ code, offset, format: "npy" }));
    expect(call).toThrow(`(at byte ${offset})`);
  });
});

test("messages stay short, and the first bytes are enough", () => {
  const name = "n".repeat(9000);
  expect(() => parseHeader(file(`{'${name}': 1}`))).toThrow(/^.{1,200}$/);
  expect(() => parseHeader(file(header("()", `'${name}'`)))).toThrow(/^.{1,250}$/);
  const longest = file(header("(2,)").padEnd(10_000, " "), 2);
  expect(longest.length).toBeLessThanOrEqual(MAX_PREFIX_BYTES);
  expect(parseHeader(longest).shape).toEqual([2]);
});
