/** Dashboards: kept as they are put, for whoever reads them back. */
import { type Account, AwsError, type Json, type Operation, type ResourceMaker } from "../account.ts";
import { physicalName } from "../physical-name.ts";

type Dashboard = { name: string; body: string; changedAt: number };

export type Dashboards = { operations: Record<string, Operation>; maker: ResourceMaker };

const invalid = (message: string): AwsError => new AwsError("InvalidParameterInput", message);

const checkBody = (body: string): void => {
  try {
    if (Array.isArray(JSON.parse(body).widgets)) return;
  } catch {
    // Said below.
  }
  throw invalid("The field widgets must be present and the body must be JSON.");
};

export const createDashboards = (account: Account): Dashboards => {
  const dashboards = new Map<string, Dashboard>();
  const arnOf = (name: string): string => `arn:aws:cloudwatch::${account.id}:dashboard/${name}`;

  const find = (name: Json): Dashboard => {
    const dashboard = dashboards.get(String(name));
    if (dashboard === undefined)
      throw new AwsError("ResourceNotFound", `Dashboard ${name} does not exist`, 404);
    return dashboard;
  };

  const put = (name: string, body: string): void => {
    if (!/^[A-Za-z0-9_-]{1,255}$/.test(name)) throw invalid(`The dashboard name ${name} is not valid.`);
    checkBody(body);
    dashboards.set(name, { name, body, changedAt: account.world.now() });
  };

  const operation = (name: string, run: (input: Json) => Json): Record<string, Operation> => ({
    [name]: {
      needs: (input) =>
        (input.DashboardNames ?? [input.DashboardName ?? "*"]).map((one: string) => ({
          action: `cloudwatch:${name}`,
          resource: one === "*" ? "*" : arnOf(one),
        })),
      run,
    },
  });

  return {
    operations: {
      ...operation("PutDashboard", (input) => {
        put(String(input.DashboardName), String(input.DashboardBody));
        return { DashboardValidationMessages: [] };
      }),
      ...operation("GetDashboard", (input) => {
        const { name, body } = find(input.DashboardName);
        return { DashboardArn: arnOf(name), DashboardName: name, DashboardBody: body };
      }),
      ...operation("ListDashboards", (input) => ({
        DashboardEntries: [...dashboards.values()]
          .filter(({ name }) => name.startsWith(input.DashboardNamePrefix ?? ""))
          .map(({ name, body, changedAt }) => ({
            DashboardName: name,
            DashboardArn: arnOf(name),
            LastModified: changedAt / 1000,
            Size: Buffer.byteLength(body),
          })),
      })),
      ...operation("DeleteDashboards", (input) => {
        for (const name of input.DashboardNames ?? []) find(name);
        for (const name of input.DashboardNames ?? []) dashboards.delete(name);
        return {};
      }),
    },
    maker: (properties, context) => {
      const name = String(properties.DashboardName ?? physicalName(context));
      const { DashboardBody: body } = properties;
      put(name, typeof body === "string" ? body : JSON.stringify(body));
      return { ref: name };
    },
  };
};
