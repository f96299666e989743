/** A stack's alarms as tests read them: every metric that an alarm looks at, alone or inside an expression. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../build/handlers.ts";
import { type Json, type Resource, resolved, resourcesOf, type Template } from "./stack.ts";

export type Watched = {
  alarm: string;
  namespace: string;
  metric: string;
  statistic: string;
  periodSeconds: number;
  /** Name to value, the value as `textOf` writes it. */
  dimensions: Readonly<Record<string, string>>;
};

export const alarmsOf = (template: Template): Resource[] => resourcesOf(template, "AWS::CloudWatch::Alarm");

const dimensionsOf = (given: Json): Record<string, string> =>
  Object.fromEntries((given ?? []).map(({ Name, Value }: Json) => [Name, Value]));

export const watchedBy = (alarm: Resource): Watched[] => {
  const properties = resolved(alarm.Properties);
  const metrics: Json[] = properties.Metrics ?? [
    {
      MetricStat: {
        Stat: properties.Statistic ?? properties.ExtendedStatistic,
        Period: properties.Period,
        Metric: properties,
      },
    },
  ];
  return metrics.flatMap(({ MetricStat }) =>
    MetricStat === undefined
      ? []
      : [
          {
            alarm: properties.AlarmName,
            namespace: MetricStat.Metric.Namespace,
            metric: MetricStat.Metric.MetricName,
            statistic: MetricStat.Stat,
            periodSeconds: MetricStat.Period,
            dimensions: dimensionsOf(MetricStat.Metric.Dimensions),
          },
        ],
  );
};

/** Names that the code counts under, and where: every `count("…"` in lib. */
export const countedInLib = (): Map<string, string> => {
  const counted = new Map<string, string>();
  for (const entry of readdirSync(join(ROOT, "lib"), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith(".ts")) continue;
    const file = join(entry.parentPath, entry.name);
    for (const [, name = ""] of readFileSync(file, "utf8").matchAll(/\.count\(\s*"(\w+)"/g))
      counted.set(name, file);
  }
  return counted;
};

type Emitted = { dimensions: readonly (readonly string[])[]; statistics: readonly string[] };

/** What AWS emits, by namespace and metric; its origin is in the file. */
export const emittedByAws = (): Record<string, Record<string, Emitted>> =>
  JSON.parse(readFileSync(join(ROOT, "tests/fixtures/metrics/aws-metrics.json"), "utf8")).metrics;
