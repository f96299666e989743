/** Roles and the policies they hold. */
import { createHash } from "node:crypto";
import { type Account, AwsError, type Json } from "../account.ts";
import { parsePolicyDocument } from "./evaluate.ts";
import { managedPolicy } from "./managed-policies.ts";

const ID_LENGTH = 17;

export type Role = {
  name: string;
  arn: string;
  path: string;
  id: string;
  trust: Json;
  createdAt: number;
  /** Policy documents by name. */
  inline: Map<string, Json>;
  /** ARNs of managed policies. */
  attached: Set<string>;
};

export type Roles = {
  find(arn: string): Role | undefined;
  /** Throws NoSuchEntity. */
  named(name: string): Role;
  list(): readonly Role[];
  /** Makes a role, or finds the one of this name and changes its trust. */
  put(name: string, path: string, trust: Json): Role;
  delete(role: Role): void;
  putInline(role: Role, policyName: string, document: Json): void;
  /** Throws NoSuchEntity for a policy that is not known here. */
  attach(role: Role, policyArn: string): void;
  /** Makes or changes a managed policy of the account's own; answers its ARN. */
  putManaged(name: string, path: string, document: Json): string;
  documentsOf(role: Role): readonly Json[];
};

const noSuch = (message: string): AwsError => new AwsError("NoSuchEntity", message, 404);

/** An id as AWS writes it, the same for the same ARN. */
const idOf = (arn: string): string =>
  `AROA${createHash("sha256").update(arn).digest("hex").toUpperCase().slice(0, ID_LENGTH)}`;

export const createRoles = (account: Account): Roles => {
  const roles = new Map<string, Role>();
  const managed = new Map<string, Json>();

  const named = (name: string): Role => {
    const role = [...roles.values()].find((one) => one.name === name);
    if (role === undefined) throw noSuch(`The role with name ${name} cannot be found.`);
    return role;
  };

  const documentOf = (arn: string): Json => managed.get(arn) ?? managedPolicy(arn);

  return {
    find: (arn) => roles.get(arn),
    named,
    list: () => [...roles.values()],
    put: (name, path, trust) => {
      if (!/^[\w+=,.@-]{1,64}$/.test(name))
        throw new AwsError("ValidationError", `The role name ${name} is not valid.`);
      const arn = `arn:aws:iam::${account.id}:role${path}${name}`;
      const known = roles.get(arn);
      if (known !== undefined) {
        known.trust = trust;
        return known;
      }
      const createdAt = account.world.now();
      const role = {
        name,
        arn,
        path,
        id: idOf(arn),
        trust,
        createdAt,
        inline: new Map(),
        attached: new Set<string>(),
      };
      roles.set(arn, role);
      return role;
    },
    delete: (role) => {
      roles.delete(role.arn);
    },
    putInline: (role, policyName, document) => {
      role.inline.set(policyName, parsePolicyDocument(document));
    },
    attach: (role, policyArn) => {
      if (documentOf(policyArn) === undefined)
        throw noSuch(`Policy ${policyArn} does not exist or is not attachable.`);
      role.attached.add(policyArn);
    },
    putManaged: (name, path, document) => {
      const arn = `arn:aws:iam::${account.id}:policy${path}${name}`;
      managed.set(arn, parsePolicyDocument(document));
      return arn;
    },
    documentsOf: (role) => [...role.inline.values(), ...[...role.attached].map(documentOf)],
  };
};
