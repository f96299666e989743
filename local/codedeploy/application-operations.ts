/** CodeDeploy's API for applications and their revisions. */
import type { Account, Json, Operation } from "../account.ts";
import { randomUuid } from "../random-id.ts";
import { findRevision, parseRevision, register, revisionInfo, revisionShape } from "./revisions.ts";
import { type Application, applicationOf, refusal, type Store } from "./state.ts";

const MAX_NAME_LENGTH = 100;
const MAX_APPLICATIONS = 1000;

export const applicationArn = (account: Account, name: Json): string =>
  `arn:aws:codedeploy:${account.region}:${account.id}:application:${name ?? "*"}`;

/** Throws as CreateApplication does. */
export const createApplication = (account: Account, store: Store, input: Json): Application => {
  const name = input.applicationName;
  if (!name) throw refusal("ApplicationNameRequired", "Application name is required.");
  if (String(name).length > MAX_NAME_LENGTH)
    throw refusal(
      "InvalidApplicationName",
      `The application name ${name} is longer than ${MAX_NAME_LENGTH}.`,
    );
  if (store.applications.has(name))
    throw refusal("ApplicationAlreadyExists", `Application already exists: ${name}`);
  if (store.applications.size >= MAX_APPLICATIONS)
    throw refusal("ApplicationLimitExceeded", `At most ${MAX_APPLICATIONS} applications are allowed.`);
  if (input.computePlatform !== "Lambda")
    throw refusal("InvalidComputePlatform", "This account deploys to the compute platform Lambda only.");
  const application: Application = {
    id: randomUuid(account.world.random("codedeploy-ids")),
    name: String(name),
    createdAt: account.world.now(),
    groups: new Map(),
    revisions: new Map(),
  };
  store.applications.set(application.name, application);
  return application;
};

const shapeOf = (application: Application): Json => ({
  applicationId: application.id,
  applicationName: application.name,
  createTime: application.createdAt / 1000,
  linkedToGitHub: false,
  computePlatform: "Lambda",
});

const getRevision = (store: Store, input: Json): Json => {
  const application = applicationOf(store, input.applicationName);
  const revision = findRevision(application, input.revision);
  return {
    applicationName: application.name,
    revision: revisionShape(revision, true),
    revisionInfo: revisionInfo(revision),
  };
};

export const applicationOperations = (account: Account, store: Store): Record<string, Operation> => {
  const operation = (name: string, run: (input: Json) => Json): Record<string, Operation> => ({
    [name]: {
      needs: (input) => [
        { action: `codedeploy:${name}`, resource: applicationArn(account, input.applicationName) },
      ],
      run,
    },
  });
  return {
    ...operation("CreateApplication", (input) => ({
      applicationId: createApplication(account, store, input).id,
    })),
    ...operation("GetApplication", (input) => ({
      application: shapeOf(applicationOf(store, input.applicationName)),
    })),
    ...operation("ListApplications", () => ({ applications: [...store.applications.keys()].sort() })),
    ...operation("BatchGetApplications", (input) => ({
      applicationsInfo: (input.applicationNames ?? []).flatMap((name: string) => {
        const application = store.applications.get(name);
        return application === undefined ? [] : [shapeOf(application)];
      }),
    })),
    // Deleting what is not there is no error.
    ...operation("DeleteApplication", (input) => {
      store.applications.delete(String(input.applicationName));
      return {};
    }),
    ...operation("RegisterApplicationRevision", (input) => {
      const application = applicationOf(store, input.applicationName);
      register(application, parseRevision(input.revision), account.world.now(), input.description ?? "");
      return {};
    }),
    ...operation("GetApplicationRevision", (input) => getRevision(store, input)),
    ...operation("ListApplicationRevisions", (input) => ({
      revisions: [...applicationOf(store, input.applicationName).revisions.values()].map((revision) =>
        revisionShape(revision, false),
      ),
    })),
  };
};
