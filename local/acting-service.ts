/** An AWS service that acts on a resource of its own accord: the resource's policy must allow `principal` from `sourceArn`. */
export type ActingService = { principal: string; sourceArn: string };
