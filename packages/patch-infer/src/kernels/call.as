/** What every call writes at the start of a record: the box, and where maps stand (addresses in this memory, stored cells). */
@unmanaged
export class Call {
  rowStart: i32;
  rowEnd: i32;
  columnStart: i32;
  columnEnd: i32;
  output: usize;
  outputTop: i32;
  outputLeft: i32;
  outputRowCells: i32;
  input: usize;
  inputTop: i32;
  inputLeft: i32;
  inputRowCells: i32;
  other: usize;
  otherTop: i32;
  otherLeft: i32;
  otherRowCells: i32;
}
