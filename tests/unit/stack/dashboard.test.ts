import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { alarmsOf, countedInLib, emittedByAws } from "../../support/alarms.ts";
import { type Json, resolved, resourcesOf, STAGES, type Template, templateOf } from "../../support/stack.ts";

/** The grid is 24 columns wide (CloudWatch API Reference, "Dashboard body structure and syntax"). */
const COLUMNS = 24;
const WIDGET_ALARMS_MAX = 100;

const place = {
  x: z
    .int()
    .min(0)
    .max(COLUMNS - 1),
  y: z.int().min(0),
  width: z.int().min(1).max(COLUMNS),
  height: z.int().min(1).max(1_000),
};
const statistic = z.enum(["Sum", "Maximum", "Minimum", "Average", "SampleCount"]);
const expression = z.strictObject({
  id: z.string().regex(/^[a-z]\w*$/),
  label: z.string(),
  expression: z.string().min(1),
});
/** The structure of a dashboard's body as CloudWatch documents it, as far as ours goes: a key that is not here is a slip. */
const body = z.strictObject({
  widgets: z
    .array(
      z.discriminatedUnion("type", [
        z.strictObject({
          ...place,
          type: z.literal("alarm"),
          properties: z.strictObject({
            title: z.string(),
            sortBy: z.enum(["default", "stateUpdatedTimestamp", "timestamp"]),
            alarms: z
              .array(z.string().regex(/^arn:aws:cloudwatch:[a-z0-9-]+:\d{12}:alarm:.+$/))
              .min(1)
              .max(WIDGET_ALARMS_MAX),
          }),
        }),
        z.strictObject({
          ...place,
          type: z.literal("metric"),
          properties: z.strictObject({
            title: z.string().min(1),
            region: z.string().regex(/^[a-z]{2}-[a-z]+-\d$/),
            view: z.enum(["timeSeries", "singleValue"]),
            stat: statistic.optional(),
            period: z.int().multipleOf(60).optional(),
            stacked: z.boolean().optional(),
            metrics: z
              .array(z.union([z.tuple([expression]), z.array(z.string()).min(2)]))
              .min(1)
              .max(500),
          }),
        }),
      ]),
    )
    .min(1),
});

type Widget = z.infer<typeof body>["widgets"][number];

const bodyOf = (template: Template): Json => {
  const [dashboard] = resourcesOf(template, "AWS::CloudWatch::Dashboard");
  return JSON.parse(resolved(dashboard?.Properties.DashboardBody));
};

/** Rows written in full: "." repeats a field of the row before, "..." all fields but the last. */
const spelledOut = (rows: readonly (readonly string[])[]): string[][] => {
  const full: string[][] = [];
  for (const row of rows) {
    const before = full.at(-1) ?? [];
    full.push(
      row[0] === "..."
        ? [...before.slice(0, -1), ...row.slice(1)]
        : row.map((field, at) => (field === "." ? (before[at] ?? "") : field)),
    );
  }
  return full;
};

const seriesIn = (widgets: readonly Widget[]): string[][] =>
  widgets.flatMap((widget) =>
    widget.type === "metric"
      ? spelledOut(
          widget.properties.metrics.flatMap((row) => (typeof row[0] === "string" ? [row as string[]] : [])),
        )
      : [],
  );

describe.each(STAGES)("the dashboard of stage %s", (stage) => {
  let template: Template;
  let widgets: readonly Widget[];

  beforeAll(async () => {
    template = await templateOf(stage);
    ({ widgets } = body.parse(bodyOf(template)));
  });

  it("is a body that CloudWatch takes, with no widget over another", () => {
    const cells = widgets.flatMap(({ x, y, width, height }) => {
      expect(x + width).toBeLessThanOrEqual(COLUMNS);
      return Array.from(
        { length: width * height },
        (_, at) => `${x + (at % width)}/${y + Math.floor(at / width)}`,
      );
    });
    expect(new Set(cells).size).toBe(cells.length);
  });

  it("shows every alarm of the stack and no other", () => {
    const shown = widgets.flatMap((widget) => (widget.type === "alarm" ? widget.properties.alarms : []));
    expect(shown.map((arn) => arn.split(":alarm:")[1]).sort()).toEqual(
      alarmsOf(template)
        .map(({ Properties }) => Properties.AlarmName)
        .sort(),
    );
  });

  it("shows series that exist: AWS's own, and what the code counts", () => {
    const [emitted, counted] = [emittedByAws(), countedInLib()];
    const series = seriesIn(widgets);
    expect(series.length).toBeGreaterThan(20);
    for (const [namespace = "", metric = "", ...dimensions] of series) {
      const names = dimensions.filter((_, at) => at % 2 === 0).sort();
      if (namespace === "Bellwether") {
        expect(counted.has(metric), metric).toBe(true);
        expect(dimensions).toEqual(["service", `bellwether-${stage}`]);
      } else expect(emitted[namespace]?.[metric]?.dimensions, `${namespace} ${metric}`).toContainEqual(names);
    }
  });

  it("shows deployments, verdicts, exposure and every function", () => {
    const titles = widgets.map(({ properties }) => properties.title).join("; ");
    for (const what of ["Deployments", "Verdicts and rollbacks", "Weights and exposure", "Notices"])
      expect(titles).toContain(what);
    const timed = seriesIn(widgets).flatMap(([, metric, , id = ""]) => (metric === "Duration" ? [id] : []));
    expect(timed.sort()).toEqual(
      resourcesOf(template, "AWS::Lambda::Function")
        .map(({ logicalId }) => logicalId)
        .sort(),
    );
  });
});
