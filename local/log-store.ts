/** Log groups, their streams and lines. A function's lines may come before anybody made its group. */
import { type Account, AwsError, type Json } from "./account.ts";

/** The oldest lines of a group go first: a long run must not fill the memory. */
const MAX_LINES_PER_GROUP = 200_000;
const MAX_NAME_LENGTH = 512;

type Line = { stream: string; at: number; message: string; order: number };
type Stream = { name: string; createdAt: number; firstAt: number; lastAt: number };

export type LogGroup = {
  name: string;
  createdAt: number;
  retentionInDays?: number;
  streams: Map<string, Stream>;
  lines: Line[];
};

export type LogStore = ReturnType<typeof createLogStore>;

export const createLogStore = (account: Account) => {
  const groups = new Map<string, LogGroup>();
  let order = 0;
  const groupArn = (name: string): string => `arn:aws:logs:${account.region}:${account.id}:log-group:${name}`;

  const exists = (what: string): AwsError =>
    new AwsError("ResourceAlreadyExistsException", `The specified log ${what} already exists`);
  const noSuch = (what: string): AwsError =>
    new AwsError("ResourceNotFoundException", `The specified log ${what} does not exist.`);

  /** The group of this name; made if there is none. */
  const open = (name: string): LogGroup => {
    const group = groups.get(name) ?? { name, createdAt: account.world.now(), streams: new Map(), lines: [] };
    groups.set(name, group);
    return group;
  };

  /** By name or ARN. Throws ResourceNotFoundException. */
  const group = (nameOrArn: string): LogGroup => {
    const found = groups.get(nameOrArn.replace(groupArn(""), "").replace(/:\*$/, ""));
    if (found === undefined) throw noSuch("group");
    return found;
  };

  const openStream = (owner: LogGroup, name: string, at: number): Stream => {
    const stream = owner.streams.get(name) ?? { name, createdAt: at, firstAt: at, lastAt: at };
    owner.streams.set(name, stream);
    return stream;
  };

  return {
    groupArn,
    groups: (): LogGroup[] => [...groups.values()].sort((left, right) => (left.name < right.name ? -1 : 1)),
    group,
    open,
    create: (name: string): void => {
      if (!/^[.\-_/#A-Za-z0-9]+$/.test(name) || name.length > MAX_NAME_LENGTH)
        throw new AwsError("InvalidParameterException", `The log group name ${name} is not valid.`);
      if (groups.has(name)) throw exists("group");
      open(name);
    },
    delete: (one: LogGroup): void => {
      groups.delete(one.name);
    },
    stream: (owner: LogGroup, name: string): Stream => {
      const found = owner.streams.get(name);
      if (found === undefined) throw noSuch("stream");
      return found;
    },
    createStream: (owner: LogGroup, name: string): void => {
      if (owner.streams.has(name)) throw exists("stream");
      openStream(owner, name, account.world.now());
    },
    write: (groupName: string, streamName: string, at: number, message: string): void => {
      const owner = open(groupName);
      const stream = openStream(owner, streamName, at);
      stream.lastAt = Math.max(stream.lastAt, at);
      order += 1;
      owner.lines.push({ stream: streamName, at, message, order });
      if (owner.lines.length > MAX_LINES_PER_GROUP) owner.lines.splice(0, MAX_LINES_PER_GROUP / 10);
    },
    groupShape: (one: LogGroup): Json => ({
      logGroupName: one.name,
      arn: `${groupArn(one.name)}:*`,
      logGroupArn: groupArn(one.name),
      creationTime: one.createdAt,
      ...(one.retentionInDays !== undefined && { retentionInDays: one.retentionInDays }),
      storedBytes: one.lines.reduce((sum, { message }) => sum + Buffer.byteLength(message), 0),
    }),
    streamShape: (owner: LogGroup, one: Stream): Json => ({
      logStreamName: one.name,
      creationTime: one.createdAt,
      firstEventTimestamp: one.firstAt,
      lastEventTimestamp: one.lastAt,
      lastIngestionTime: one.lastAt,
      arn: `${groupArn(owner.name)}:log-stream:${one.name}`,
    }),
  };
};
