/** Something a person asked for, kept until it is done: asked twice is asked once. */
export type Intent = {
  deploymentId: string;
  verb: "rollback" | "acknowledge";
  who: string;
  why: string;
  at: number;
};

export type IntentStore = {
  /** False when the same verb was already asked for this deployment. */
  put(intent: Intent): Promise<boolean>;
  pending(): Promise<readonly Intent[]>;
  markDone(intent: Intent, at: number): Promise<void>;
};
