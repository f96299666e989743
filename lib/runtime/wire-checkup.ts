/** What a checkup is plugged into; apart from `wire.ts`, so that no function's bundle holds its clients. */
import { accountReader } from "../aws/account-reader.ts";
import type { Log } from "../ports/log.ts";
import { slackProbe } from "../slack/slack-probe.ts";
import type { Config } from "./config.ts";
import { wireRecording } from "./wire.ts";

export const wireCheckup = (config: Config, log: Log) => {
  const { stage, deployer, router, policies, clock } = wireRecording(config, log);
  return {
    ...{ stage, deployer, router, policies, clock },
    reader: accountReader(),
    slack: slackProbe(config.slack.apiUrl),
  };
};
