/** What a change of a deployment's record owes to people. Pure: the same two records owe the same notices. */
import type { DeploymentRecord } from "../deployment/record.ts";
import { alarmEntryNotices } from "./alarm-entry-notices.ts";
import { acknowledgedNotices, exposureNotices } from "./edit-notices.ts";
import type { Notice } from "./notice.ts";
import { statusNotices } from "./status-notices.ts";
import { wayBackNotices } from "./way-back-notices.ts";

/**
 * The notices owed because a record changed from `before` (undefined: never seen) to `after`. A change that passes over
 * several states owes only the newest: what is told is where things stand. A rollback's own deployment owes nothing, its
 * parent tells. Ids are unique within what is returned, and over the life of a deployment whose record only moves forward.
 */
export const noticesOf = (
  before: DeploymentRecord | undefined,
  after: DeploymentRecord,
): readonly Notice[] => {
  if (after.kind === "rollback") return [];
  const owed = [
    ...alarmEntryNotices(before, after),
    ...wayBackNotices(before, after),
    ...statusNotices(before, after),
    ...acknowledgedNotices(before, after),
    ...exposureNotices(before, after),
  ];
  return [...new Map(owed.map((notice) => [notice.id, notice])).values()];
};
