/** EventBridge: "CodeDeploy Deployment State-change Notification". It only says where to look. */
import * as z from "zod/mini";
import { InputError } from "../kit/errors.ts";
import { parseTime } from "../kit/time.ts";
import { assertHome, type Home, parse } from "./refuse.ts";

const ID_MAX = 100;

/** Source: the EventBridge schema registry and aws-lambda-go's codedeploy.go; READY belongs to EC2 and ECS. */
const Notification = z.object({
  account: z.string(),
  region: z.string(),
  source: z.literal("aws.codedeploy"),
  "detail-type": z.literal("CodeDeploy Deployment State-change Notification"),
  time: z.string(),
  detail: z.object({
    deploymentId: z.string().check(z.regex(/^d-[A-Za-z0-9]+$/), z.maxLength(ID_MAX)),
    state: z.enum(["START", "SUCCESS", "FAILURE", "STOP", "READY"]),
    application: z.string(),
    deploymentGroup: z.string(),
  }),
});

export type DeploymentHint = { deploymentId: string; at: number };

export const deploymentHint = (raw: unknown, home: Home): DeploymentHint => {
  const event = parse(Notification, raw, "a CodeDeploy notification");
  assertHome(event, home, "CodeDeploy notification");
  const at = parseTime(event.time);
  if (at === undefined) throw new InputError(`not a CodeDeploy notification: time is ${event.time}`);
  return { deploymentId: event.detail.deploymentId, at };
};
