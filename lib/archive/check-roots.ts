/** Whether the roots are all there, each as it was signed, each following the one before. */
import type { Hash } from "../deployment/audit.ts";
import { HOUR_MS, isoOf } from "../kit/time.ts";
import { about, type Finding } from "./finding.ts";
import { type Head, hourOfKey, type Root, readRoot, rootKey } from "./root.ts";

export type IsSigned = (root: Root) => boolean;

export type StoredText = { key: string; text: string };

export type CheckedRoots = { roots: readonly Root[]; findings: readonly Finding[] };

const nameOf = (key: string): string => `root ${key}`;

const missing = (keys: readonly string[], untilHourAt: number): Finding[] => {
  const [first] = keys;
  if (first === undefined) return [{ where: "roots", what: "none is there" }];
  const present = new Set(keys);
  const findings: Finding[] = [];
  for (let at = hourOfKey(first); at <= untilHourAt; at += HOUR_MS)
    if (!present.has(rootKey(at))) findings.push({ where: nameOf(rootKey(at)), what: "is missing" });
  return findings;
};

const headFaults = (before: Head | undefined, head: Head): string | undefined => {
  if (before === undefined) return undefined;
  if (head.lines < before.lines) return `says that ${head.deployment} lost lines`;
  return head.lines === before.lines && head.hash !== before.hash
    ? `says that line ${head.lines} of ${head.deployment} is another one`
    : undefined;
};

const linkFaults = (before: Root, root: Root): string[] => {
  const heads = new Map(before.body.heads.map((head) => [head.deployment, head]));
  const faults = root.body.heads.flatMap((head) => headFaults(heads.get(head.deployment), head) ?? []);
  return root.body.previous === before.hash ? faults : ["does not follow the root before it", ...faults];
};

/**
 * `stored`: in the order of their keys. `untilHourAt`: the last hour that must have its root by now. `isFromTheStart`: no
 * root is left out before the first.
 */
export const checkRoots = (
  stored: readonly StoredText[],
  expected: { untilHourAt: number; isFromTheStart: boolean },
  isSigned: IsSigned,
  hash: Hash,
): CheckedRoots => {
  const findings = missing(
    stored.map(({ key }) => key),
    expected.untilHourAt,
  );
  const roots: Root[] = [];
  /** The root before, when it is one that the next can be held against. */
  let before: Root | undefined;
  stored.forEach(({ key, text }, index) => {
    const found = (what: string): void => {
      findings.push(about(nameOf(key))(what));
    };
    const root = readRoot(text, hash);
    if ("broken" in root) {
      found(root.broken);
      before = undefined;
      return;
    }
    if (root.body.hour !== isoOf(hourOfKey(key))) found(`is the root of ${root.body.hour}`);
    if (!isSigned(root)) found("is not signed with the key of this installation");
    if (before !== undefined) for (const fault of linkFaults(before, root)) found(fault);
    else if (index === 0 && expected.isFromTheStart && root.body.previous !== "")
      found("is the first one here but not the first that was signed");
    roots.push(root);
    before = root;
  });
  return { roots, findings };
};
