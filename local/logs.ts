/** CloudWatch Logs: groups, streams and lines in the order they were written. JSON 1.1. */
import { type Account, AwsError, type Json, type Logs, type Operation, type Service } from "./account.ts";
import { createLogStore, type LogGroup } from "./log-store.ts";
import { physicalName } from "./physical-name.ts";

const DEFAULT_PAGE = 50;
const MAX_EVENTS = 10_000;

/** A token is where the next page starts. */
const paged = <T>(all: readonly T[], start: number, size: number): { page: T[]; nextToken?: string } => {
  const end = start + size;
  return { page: all.slice(start, end), ...(end < all.length && { nextToken: String(end) }) };
};

const startOf = (input: Json): number => {
  const start = Number(String(input.nextToken ?? "0").replace(/^f\//, ""));
  if (!Number.isInteger(start) || start < 0)
    throw new AwsError("InvalidParameterException", "The specified nextToken is invalid.");
  return start;
};

/** Words, each of which a line must hold; a quoted part is one word. Patterns over JSON fields are not read here. */
const wordsOf = (pattern: string): string[] =>
  [...pattern.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? "");

const limitOf = (input: Json): number => Math.min(Number(input.limit ?? MAX_EVENTS), MAX_EVENTS);

export const createLogs = (account: Account): Logs & { service: Service } => {
  const store = createLogStore(account);

  const inWindow = (input: Json) => {
    const from = Number(input.startTime ?? 0);
    const until = Number(input.endTime ?? Number.MAX_SAFE_INTEGER);
    return ({ at }: { at: number }): boolean => at >= from && at <= until;
  };

  const filterEvents = (input: Json): Json => {
    const group = store.group(String(input.logGroupName ?? input.logGroupIdentifier));
    const words = wordsOf(String(input.filterPattern ?? ""));
    const streams: string[] | undefined = input.logStreamNames;
    const isWanted = inWindow(input);
    const found = group.lines
      .filter((line) => streams === undefined || streams.includes(line.stream))
      .filter((line) => line.stream.startsWith(input.logStreamNamePrefix ?? ""))
      .filter((line) => isWanted(line) && words.every((word) => line.message.includes(word)))
      .sort((left, right) => left.at - right.at);
    const { page, nextToken } = paged(found, startOf(input), limitOf(input));
    return {
      events: page.map((line) => ({
        logStreamName: line.stream,
        timestamp: line.at,
        message: line.message,
        ingestionTime: line.at,
        eventId: String(line.order),
      })),
      ...(nextToken !== undefined && { nextToken }),
    };
  };

  const getEvents = (input: Json): Json => {
    const group = store.group(String(input.logGroupName ?? input.logGroupIdentifier));
    const stream = store.stream(group, String(input.logStreamName));
    const isWanted = inWindow(input);
    const lines = group.lines.filter((line) => line.stream === stream.name && isWanted(line));
    const limit = limitOf(input);
    const start =
      input.nextToken !== undefined
        ? startOf(input)
        : input.startFromHead === true
          ? 0
          : Math.max(0, lines.length - limit);
    const page = lines.slice(start, start + limit);
    return {
      events: page.map(({ at, message }) => ({ timestamp: at, message, ingestionTime: at })),
      nextForwardToken: `f/${start + page.length}`,
      nextBackwardToken: `f/${Math.max(0, start - limit)}`,
    };
  };

  const describeGroups = (input: Json): Json => {
    const groups = store
      .groups()
      .filter(({ name }) => name.startsWith(input.logGroupNamePrefix ?? ""))
      .filter(({ name }) => name.includes(input.logGroupNamePattern ?? ""));
    const { page, nextToken } = paged(groups, startOf(input), Number(input.limit ?? DEFAULT_PAGE));
    return { logGroups: page.map(store.groupShape), ...(nextToken !== undefined && { nextToken }) };
  };

  const describeStreams = (input: Json): Json => {
    const group = store.group(String(input.logGroupName ?? input.logGroupIdentifier));
    const streams = [...group.streams.values()]
      .filter(({ name }) => name.startsWith(input.logStreamNamePrefix ?? ""))
      .sort((left, right) =>
        input.orderBy === "LastEventTime" ? left.lastAt - right.lastAt : left.name < right.name ? -1 : 1,
      );
    if (input.descending === true) streams.reverse();
    const { page, nextToken } = paged(streams, startOf(input), Number(input.limit ?? DEFAULT_PAGE));
    return {
      logStreams: page.map((stream) => store.streamShape(group, stream)),
      ...(nextToken !== undefined && { nextToken }),
    };
  };

  const putEvents = (input: Json): Json => {
    const group = store.group(String(input.logGroupName));
    const stream = store.stream(group, String(input.logStreamName));
    for (const event of input.logEvents ?? [])
      store.write(group.name, stream.name, Number(event.timestamp), String(event.message));
    return { nextSequenceToken: "0" };
  };

  const onGroup = (input: Json): string => {
    const name = input.logGroupName ?? input.logGroupIdentifier ?? input.logGroupNamePrefix ?? "*";
    return String(name).startsWith("arn:") ? String(name) : store.groupArn(String(name));
  };
  const operation = (name: string, run: (input: Json) => Json): Record<string, Operation> => ({
    [name]: { needs: (input) => [{ action: `logs:${name}`, resource: onGroup(input) }], run },
  });

  const setRetention = (group: LogGroup, properties: Json): void => {
    const days = properties.RetentionInDays ?? properties.retentionInDays;
    if (days !== undefined) group.retentionInDays = Number(days);
  };

  return {
    write: store.write,
    service: {
      name: "logs",
      signingName: "logs",
      protocol: "json-1.1",
      targetPrefix: "Logs_20140328",
      operations: {
        ...operation("FilterLogEvents", filterEvents),
        ...operation("GetLogEvents", getEvents),
        ...operation("DescribeLogGroups", describeGroups),
        ...operation("DescribeLogStreams", describeStreams),
        ...operation("PutLogEvents", putEvents),
        ...operation("CreateLogGroup", (input) => {
          store.create(String(input.logGroupName));
          return {};
        }),
        ...operation("CreateLogStream", (input) => {
          store.createStream(store.group(String(input.logGroupName)), String(input.logStreamName));
          return {};
        }),
        ...operation("PutRetentionPolicy", (input) => {
          setRetention(store.group(String(input.logGroupName)), input);
          return {};
        }),
        ...operation("DeleteLogGroup", (input) => {
          store.delete(store.group(String(input.logGroupName)));
          return {};
        }),
      },
      resources: {
        "AWS::Logs::LogGroup": (properties, context) => {
          const group = store.open(String(properties.LogGroupName ?? physicalName(context)));
          setRetention(group, properties);
          return { ref: group.name, attributes: { Arn: `${store.groupArn(group.name)}:*` } };
        },
      },
    },
  };
};
