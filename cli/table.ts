/** Plain tables: columns and space, no lines, so that they read, grep and paste well. */
import Table from "cli-table3";
import { type Io, paint } from "./io.ts";

const NO_LINES = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "  ",
};

/** Cells as text, one row a line, heads painted. */
export const tableText = (io: Io, heads: readonly string[], rows: readonly (readonly string[])[]): string => {
  const table = new Table({
    head: heads.map((head) => paint(io, "dim", head)),
    chars: NO_LINES,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
  });
  table.push(...rows.map((row) => [...row]));
  return table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
};
