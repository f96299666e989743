/**
 * A segment: some audit lines of one deployment, as the archive holds them: canonical JSON, one line each. Its key is where
 * it lives and which line it begins with, so that writing it again changes nothing.
 */
import type { AuditLine } from "../deployment/fact.ts";
import { canonical } from "../kit/canonical.ts";
import { messageOf } from "../kit/errors.ts";

/** Everything lies under the layout's version. */
export const SEGMENTS = "v1/lines/";

const NUMBER_DIGITS = 8;

export const segmentPrefix = (deployment: string): string => `${SEGMENTS}${deployment}/`;

/** `from`: the number of its first line, 1 or more. Keys sort as their lines do. */
export const segmentKey = (deployment: string, from: number): string =>
  `${segmentPrefix(deployment)}${String(from).padStart(NUMBER_DIGITS, "0")}.ndjson`;

export const segmentText = (lines: readonly AuditLine[]): string =>
  lines.map((line) => `${canonical(line)}\n`).join("");

/** The texts of a segment's lines; the last one is empty when the segment ends as it must. */
export const textsOf = (segment: string): string[] => segment.split("\n");

const lineOf = (text: string): AuditLine | string => {
  try {
    const line: unknown = JSON.parse(text);
    return canonical(line) === text ? (line as AuditLine) : "is not written as lines are";
  } catch (error) {
    return `is no JSON: ${messageOf(error)}`;
  }
};

/** What a segment holds, and what is wrong with its text. `from`: the number its first line should have. */
export const readSegment = (segment: string, from: number): { lines: AuditLine[]; faults: string[] } => {
  const texts = textsOf(segment);
  const faults = texts.pop() === "" ? [] : [`line ${from + texts.length} is cut off`];
  const lines: AuditLine[] = [];
  texts.forEach((text, index) => {
    const line = lineOf(text);
    if (typeof line === "string") faults.push(`line ${from + index} ${line}`);
    else lines.push(line);
  });
  return { lines, faults };
};
