import {
  type CloudFormationClient,
  CreateChangeSetCommand,
  DeleteChangeSetCommand,
  DescribeChangeSetCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  ExecuteChangeSetCommand,
  GetTemplateCommand,
} from "@aws-sdk/client-cloudformation";
import { InputError, messageOf } from "../kit/errors.ts";
import type { Proposal, StackEvent, StackOrder, Stacks } from "../ports/stacks.ts";
import { isNamed, reach } from "./failure.ts";

/** Five hundred events: more than a stack of a few resources makes in one go. */
const EVENT_PAGES_MAX = 5;

/** CloudFormation has no error of its own for a stack that is not there. */
const isMissing = (thrown: unknown): boolean =>
  isNamed(thrown, "ValidationError") && /does not exist/.test(messageOf(thrown));

/** How CloudFormation words a change set without a change. */
const EMPTY = /didn't contain changes|no updates are to be performed/i;

const pairs = (record: Readonly<Record<string, string>>): [string, string][] => Object.entries(record);

const recordOf = (entries: readonly (readonly [string | undefined, string | undefined])[]) =>
  Object.fromEntries(entries.map(([key = "", value = ""]) => [key, value]));

const describe = async (client: CloudFormationClient, name: string) => {
  try {
    return (await client.send(new DescribeStacksCommand({ StackName: name }))).Stacks?.[0];
  } catch (error) {
    if (isMissing(error)) return undefined;
    return reach("reading the stack", () => Promise.reject(error));
  }
};

const propose = async (
  client: CloudFormationClient,
  order: StackOrder,
  isNew: boolean,
  proposalName: string,
): Promise<string> => {
  const command = new CreateChangeSetCommand({
    StackName: order.name,
    ChangeSetName: proposalName,
    ChangeSetType: isNew ? "CREATE" : "UPDATE",
    TemplateBody: order.template,
    Parameters: pairs(order.parameters).map(([ParameterKey, ParameterValue]) => ({
      ParameterKey,
      ParameterValue,
    })),
    Tags: pairs(order.tags).map(([Key, Value]) => ({ Key, Value })),
    Capabilities: ["CAPABILITY_NAMED_IAM"],
  });
  try {
    return (await client.send(command)).Id ?? proposalName;
  } catch (error) {
    if (isNamed(error, "ValidationError"))
      throw new InputError(`CloudFormation refuses the bootstrap: ${messageOf(error)}`);
    return reach("proposing the change", () => Promise.reject(error));
  }
};

const proposal = async (client: CloudFormationClient, name: string, id: string): Promise<Proposal> => {
  const answer = await reach("reading the proposed change", () =>
    client.send(new DescribeChangeSetCommand({ StackName: name, ChangeSetName: id })),
  );
  const reason = answer.StatusReason ?? "no reason given";
  if (answer.Status === "FAILED") return EMPTY.test(reason) ? { kind: "empty" } : { kind: "broken", reason };
  if (answer.Status !== "CREATE_COMPLETE") return { kind: "pending" };
  const changes = (answer.Changes ?? []).map(({ ResourceChange: change }) => ({
    action: change?.Action ?? "unknown",
    logicalId: change?.LogicalResourceId ?? "",
    type: change?.ResourceType ?? "",
    // "Conditional" is a replacement that nobody can rule out.
    isReplacement: change?.Replacement !== undefined && change.Replacement !== "False",
  }));
  return changes.length === 0 ? { kind: "empty" } : { kind: "ready", changes };
};

const events = async (client: CloudFormationClient, name: string): Promise<StackEvent[]> => {
  const found: StackEvent[] = [];
  let NextToken: string | undefined;
  for (let page = 0; page < EVENT_PAGES_MAX; page += 1) {
    const answer = await reach("reading the stack's events", () =>
      client.send(new DescribeStackEventsCommand({ StackName: name, ...(NextToken && { NextToken }) })),
    );
    for (const event of answer.StackEvents ?? [])
      found.push({
        id: event.EventId ?? "",
        logicalId: event.LogicalResourceId ?? "",
        type: event.ResourceType ?? "",
        status: event.ResourceStatus ?? "",
        ...(event.ResourceStatusReason !== undefined && { reason: event.ResourceStatusReason }),
      });
    NextToken = answer.NextToken;
    if (NextToken === undefined) break;
  }
  return found.reverse();
};

export const cloudformationStacks = (client: CloudFormationClient): Stacks => ({
  read: async (name) => {
    const stack = await describe(client, name);
    if (stack === undefined) return "none";
    const status = stack.StackStatus ?? "unknown";
    // A stack that was only ever proposed has no template yet.
    const template =
      status === "REVIEW_IN_PROGRESS"
        ? ""
        : ((
            await reach("reading the stack's template", () =>
              client.send(new GetTemplateCommand({ StackName: name, TemplateStage: "Original" })),
            )
          ).TemplateBody ?? "");
    return {
      status,
      template,
      parameters: recordOf(
        (stack.Parameters ?? []).map(({ ParameterKey, ParameterValue }) => [ParameterKey, ParameterValue]),
      ),
      outputs: recordOf((stack.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue])),
    };
  },
  propose: (order, isNew, proposalName) => propose(client, order, isNew, proposalName),
  proposal: (name, id) => proposal(client, name, id),
  withdraw: async (name, id) => {
    await reach("withdrawing the proposed change", () =>
      client.send(new DeleteChangeSetCommand({ StackName: name, ChangeSetName: id })),
    );
  },
  execute: async (name, id) => {
    await reach("carrying out the change", () =>
      client.send(new ExecuteChangeSetCommand({ StackName: name, ChangeSetName: id })),
    );
  },
  events: (name) => events(client, name),
});
