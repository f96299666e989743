/** The event source mappings of an account: Lambda's operations on them and their CloudFormation resource. */
import {
  type Account,
  AwsError,
  type Json,
  type Operation,
  type ResourceMaker,
  type Route,
} from "../../account.ts";
import { randomUuid } from "../../random-id.ts";
import { createDelivery, type Delivery, type Discard } from "./delivery.ts";
import { arnOfMapping, type Mapping, readSettings, shapeOfMapping } from "./mapping.ts";

const PATH = "/2015-03-31/event-source-mappings";
const STATUS = { accepted: 202, notFound: 404, conflict: 409 } as const;
const ROLE_ACTIONS = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"];
const STREAM_ARN = /^arn:aws:dynamodb:[^:]+:\d+:table\/[^/]+\/stream\/.+$/;

export type FunctionsOfSources = {
  /** A function's ARN (with its qualifier) and role, from a name or ARN. Throws ResourceNotFoundException. */
  find(functionName: string): { arn: string; roleArn: string };
  /** Puts a record at a destination as the role; throws AwsError when it cannot. */
  discard(roleArn: string, destinationArn: string, record: Json): void;
};

export type EventSources = {
  operations: Readonly<Record<string, Operation>>;
  routes: readonly Route[];
  resources: Readonly<Record<string, ResourceMaker>>;
};

type Live = { mapping: Mapping; delivery: Delivery; cancel(): void };

const ROUTES: readonly Route[] = [
  { method: "POST", path: PATH, operation: "CreateEventSourceMapping", status: STATUS.accepted },
  { method: "GET", path: PATH, operation: "ListEventSourceMappings" },
  { method: "GET", path: `${PATH}/{UUID}`, operation: "GetEventSourceMapping" },
  { method: "PUT", path: `${PATH}/{UUID}`, operation: "UpdateEventSourceMapping", status: STATUS.accepted },
  {
    method: "DELETE",
    path: `${PATH}/{UUID}`,
    operation: "DeleteEventSourceMapping",
    status: STATUS.accepted,
  },
];

const checkStart = (input: Json): void => {
  if (!STREAM_ARN.test(String(input.EventSourceArn)))
    throw new AwsError("InvalidParameterValueException", "Only DynamoDB streams can be event sources here.");
  if (input.StartingPosition !== "LATEST" && input.StartingPosition !== "TRIM_HORIZON")
    throw new AwsError(
      "InvalidParameterValueException",
      "1 validation error detected: StartingPosition must be TRIM_HORIZON or LATEST.",
    );
};

export const createEventSources = (account: Account, functions: FunctionsOfSources): EventSources => {
  const live = new Map<string, Live>();

  const discard: Discard = (mapping, record) =>
    functions.discard(
      functions.find(mapping.functionArn).roleArn,
      mapping.settings.onFailureArn ?? "",
      record,
    );

  const checkRole = (roleArn: string, streamArn: string): void => {
    if (ROLE_ACTIONS.every((action) => account.iam.allows(roleArn, { action, resource: streamArn }))) return;
    throw new AwsError(
      "InvalidParameterValueException",
      `Cannot access stream ${streamArn}. Please ensure the role can perform the GetRecords, GetShardIterator, DescribeStream, and ListStreams Actions on your stream in IAM.`,
    );
  };

  const twin = (streamArn: string, functionArn: string): Live | undefined =>
    [...live.values()].find(
      ({ mapping }) => mapping.streamArn === streamArn && mapping.functionArn === functionArn,
    );

  const start = (input: Json): Mapping => {
    checkStart(input);
    const settings = readSettings(input);
    const fn = functions.find(String(input.FunctionName));
    checkRole(fn.roleArn, input.EventSourceArn);
    const known = twin(input.EventSourceArn, fn.arn);
    if (known !== undefined)
      throw new AwsError(
        "ResourceConflictException",
        `The event source arn (" ${input.EventSourceArn} ") and function (" ${input.FunctionName} ") provided mapping already exists. Please update or delete the existing mapping with UUID ${known.mapping.id}`,
        STATUS.conflict,
      );
    const mapping: Mapping = {
      id: randomUuid(account.world.random("event-source-ids")),
      streamArn: input.EventSourceArn,
      functionArn: fn.arn,
      isFromStart: input.StartingPosition === "TRIM_HORIZON",
      modifiedAt: account.world.now(),
      lastResult: "No records processed",
      settings,
    };
    const delivery = createDelivery(account, mapping, discard);
    const listening = account.dynamodb.onChange(mapping.streamArn, delivery.take, mapping.isFromStart);
    live.set(mapping.id, { mapping, delivery, cancel: listening.cancel });
    return mapping;
  };

  const get = (id: string): Live => {
    const found = live.get(id);
    if (found === undefined)
      throw new AwsError(
        "ResourceNotFoundException",
        "The resource you requested does not exist.",
        STATUS.notFound,
      );
    return found;
  };

  const update = (input: Json): Mapping => {
    const { mapping, delivery } = get(input.UUID);
    if (input.FunctionName !== undefined) mapping.functionArn = functions.find(input.FunctionName).arn;
    mapping.settings = readSettings(input, mapping.settings);
    mapping.modifiedAt = account.world.now();
    delivery.take([]);
    return mapping;
  };

  const remove = (id: string): Mapping => {
    const { mapping, delivery, cancel } = get(id);
    cancel();
    delivery.stop();
    live.delete(id);
    return mapping;
  };

  const list = (input: Json): Json => {
    const functionArn = input.FunctionName === undefined ? undefined : functions.find(input.FunctionName).arn;
    const found = [...live.values()].filter(
      ({ mapping }) =>
        (input.EventSourceArn === undefined || mapping.streamArn === input.EventSourceArn) &&
        (functionArn === undefined || mapping.functionArn === functionArn),
    );
    return { EventSourceMappings: found.map(({ mapping }) => shapeOfMapping(account, mapping)) };
  };

  const onOne =
    (action: string): Operation["needs"] =>
    (input) => [{ action: `lambda:${action}`, resource: arnOfMapping(account, input.UUID) }];
  const onAll =
    (action: string): Operation["needs"] =>
    () => [{ action: `lambda:${action}`, resource: "*" }];
  const shape = (mapping: Mapping): Json => shapeOfMapping(account, mapping);

  return {
    operations: {
      CreateEventSourceMapping: {
        needs: onAll("CreateEventSourceMapping"),
        run: (input) => shape(start(input)),
      },
      ListEventSourceMappings: { needs: onAll("ListEventSourceMappings"), run: list },
      GetEventSourceMapping: {
        needs: onOne("GetEventSourceMapping"),
        run: (input) => shape(get(input.UUID).mapping),
      },
      UpdateEventSourceMapping: {
        needs: onOne("UpdateEventSourceMapping"),
        run: (input) => shape(update(input)),
      },
      DeleteEventSourceMapping: {
        needs: onOne("DeleteEventSourceMapping"),
        run: (input) => ({ ...shape(remove(input.UUID)), State: "Deleting" }),
      },
    },
    routes: ROUTES,
    resources: {
      "AWS::Lambda::EventSourceMapping": (properties) => {
        const fn = functions.find(String(properties.FunctionName));
        const known = twin(properties.EventSourceArn, fn.arn);
        const mapping =
          known === undefined ? start(properties) : update({ ...properties, UUID: known.mapping.id });
        return {
          ref: mapping.id,
          attributes: { Id: mapping.id, EventSourceMappingArn: arnOfMapping(account, mapping.id) },
        };
      },
    },
  };
};
