/** Something a person asked for, kept until it is done: asked twice meanwhile is asked once. */
export type Intent = {
  deploymentId: string;
  verb: "rollback" | "acknowledge";
  who: string;
  why: string;
  at: number;
};

export type IntentStore = {
  /** False while the same is asked for this deployment and not done yet. */
  put(intent: Intent): Promise<boolean>;
  pending(): Promise<readonly Intent[]>;
  markDone(intent: Intent, at: number): Promise<void>;
};
