/** A CloudWatch alarm as a team would set it: errors of its function, minute by minute. */
import { PutMetricAlarmCommand } from "@aws-sdk/client-cloudwatch";
import type { Site } from "./scenario.ts";

/** Named in the example's policy as critical. */
export const ERRORS_ALARM = "checkout-errors";
const PERIOD_SECONDS = 60;

/** Goes into ALARM when a minute holds at least `errors` failed calls of this version, called through the alias. */
export const watchErrors = async ({ service }: Site, version: string, errors: number): Promise<void> => {
  const { clients, name, alias } = service;
  await clients.cloudwatch.send(
    new PutMetricAlarmCommand({
      AlarmName: ERRORS_ALARM,
      Namespace: "AWS/Lambda",
      MetricName: "Errors",
      Dimensions: [
        { Name: "FunctionName", Value: name },
        { Name: "Resource", Value: `${name}:${alias}` },
        { Name: "ExecutedVersion", Value: version },
      ],
      Statistic: "Sum",
      Period: PERIOD_SECONDS,
      EvaluationPeriods: 1,
      Threshold: errors,
      ComparisonOperator: "GreaterThanOrEqualToThreshold",
      TreatMissingData: "notBreaching",
    }),
  );
};
