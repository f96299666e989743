/** Application revisions: AppSpec contents, known by their SHA-256. */
import { createHash } from "node:crypto";
import type { Json } from "../account.ts";
import {
  type Application,
  type RegisteredRevision,
  type Revision,
  type RevisionType,
  refusal,
} from "./state.ts";

const FIELD: Readonly<Record<RevisionType, string>> = { String: "string", AppSpecContent: "appSpecContent" };

export const newRevision = (type: RevisionType, content: string): Revision => ({
  type,
  content,
  sha256: createHash("sha256").update(content).digest("hex"),
});

const typeOf = (location: Json): RevisionType => {
  if (!location) throw refusal("RevisionRequired", "Revision is required.");
  const type = location.revisionType;
  if (type === "String" || type === "AppSpecContent") return type;
  throw refusal("InvalidRevision", `Revisions of type ${type} are not kept by this account.`);
};

/** Reads a RevisionLocation that carries its content; throws RevisionRequired or InvalidRevision. */
export const parseRevision = (location: Json): Revision => {
  const type = typeOf(location);
  const { content, sha256 } = location[FIELD[type]] ?? {};
  if (typeof content !== "string" || content === "")
    throw refusal("InvalidRevision", "The content of the AppSpec file is required.");
  const revision = newRevision(type, content);
  if (sha256 !== undefined && sha256 !== revision.sha256)
    throw refusal("InvalidRevision", "The SHA256 hash does not match the content.");
  return revision;
};

/** With content as GetApplicationRevision answers, without as GetDeployment does. */
export const revisionShape = (revision: Revision, withContent: boolean): Json => ({
  revisionType: revision.type,
  [FIELD[revision.type]]: {
    ...(withContent && { content: revision.content }),
    sha256: revision.sha256,
  },
});

const key = ({ type, sha256 }: { type: RevisionType; sha256: string }): string => `${type}/${sha256}`;

export const register = (
  application: Application,
  revision: Revision,
  now: number,
  description = "Application revision registered by Deployment",
): RegisteredRevision => {
  const known = application.revisions.get(key(revision));
  const registered = known ?? { ...revision, description, registeredAt: now, groups: new Set<string>() };
  application.revisions.set(key(revision), registered);
  return registered;
};

/** By content or by hash alone; throws RevisionDoesNotExist. */
export const findRevision = (application: Application, location: Json): RegisteredRevision => {
  const type = typeOf(location);
  const given = location[FIELD[type]] ?? {};
  const sha256 = given.sha256 ?? (given.content && newRevision(type, given.content).sha256);
  const revision = application.revisions.get(key({ type, sha256: String(sha256) }));
  if (revision === undefined)
    throw refusal("RevisionDoesNotExist", "No application revision found for the given revision.");
  return revision;
};

export const revisionInfo = (revision: RegisteredRevision): Json => ({
  description: revision.description,
  deploymentGroups: [...revision.groups],
  registerTime: revision.registeredAt / 1000,
  ...(revision.firstUsedAt !== undefined && { firstUsedTime: revision.firstUsedAt / 1000 }),
  ...(revision.lastUsedAt !== undefined && { lastUsedTime: revision.lastUsedAt / 1000 }),
});
