/** A CloudFormation stack, raised by way of change sets. */
export type StackOrder = {
  name: string;
  template: string;
  parameters: Readonly<Record<string, string>>;
  tags: Readonly<Record<string, string>>;
};

export type StackSeen = {
  status: string;
  template: string;
  parameters: Readonly<Record<string, string>>;
  outputs: Readonly<Record<string, string>>;
};

export type StackChange = { action: string; logicalId: string; type: string; isReplacement: boolean };

export type StackEvent = { id: string; logicalId: string; type: string; status: string; reason?: string };

export type Proposal =
  | { kind: "pending" }
  | { kind: "ready"; changes: readonly StackChange[] }
  | { kind: "empty" }
  | { kind: "broken"; reason: string };

export type Stacks = {
  read(name: string): Promise<StackSeen | "none">;
  /** Asks for a change set, and resolves with its id. Throws InputError when CloudFormation refuses template or parameters. */
  propose(order: StackOrder, isNew: boolean, proposalName: string): Promise<string>;
  proposal(name: string, id: string): Promise<Proposal>;
  withdraw(name: string, id: string): Promise<void>;
  execute(name: string, id: string): Promise<void>;
  /** The latest events, oldest first. */
  events(name: string): Promise<readonly StackEvent[]>;
};
