/** SSM Parameter Store. JSON 1.1. Secure strings are kept as they are: nothing leaves the account's memory. */
import { type Account, AwsError, type Json, type Operation, type Service, type Ssm } from "./account.ts";
import { physicalName } from "./physical-name.ts";
import {
  checkParameter,
  matchesFilters,
  type Parameter,
  pageOf,
  shapeOf,
  withoutSlash,
} from "./ssm-parameters.ts";

const MAX_NAMES = 10;

type Listener = (name: string, value: string | undefined) => void;

export const createSsm = (account: Account): Ssm & { service: Service } => {
  const parameters = new Map<string, Parameter>();
  const listeners: Listener[] = [];
  const prefix = `arn:aws:ssm:${account.region}:${account.id}:parameter`;
  const arnOf = (name: string): string => `${prefix}/${withoutSlash(name)}`;

  const tell = (name: string, value: string | undefined): void => {
    for (const listener of listeners) listener(name, value);
  };

  /** A version or label may follow the name: `/a/b:3`. */
  const find = (selector: string): Parameter | undefined => {
    const [name = "", version] = selector.replace(prefix, "").split(":");
    const parameter = parameters.get(name);
    return version === undefined || parameter === undefined
      ? parameter
      : parameter.history.find((one) => String(one.version) === version);
  };

  const get = (selector: string): Parameter => {
    const parameter = find(selector);
    if (parameter === undefined) throw new AwsError("ParameterNotFound", "");
    return parameter;
  };

  const put = (input: Json): Parameter => {
    checkParameter(input);
    const name = String(input.Name);
    const known = parameters.get(name);
    if (known !== undefined && String(input.Overwrite ?? false) !== "true")
      throw new AwsError(
        "ParameterAlreadyExists",
        "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.",
      );
    const parameter: Parameter = {
      name,
      arn: arnOf(name),
      type: input.Type ?? known?.type ?? "String",
      value: String(input.Value),
      ...(input.Description !== undefined && { description: String(input.Description) }),
      version: (known?.version ?? 0) + 1,
      changedAt: account.world.now(),
      history: known?.history ?? [],
    };
    parameter.history.push(parameter);
    parameters.set(name, parameter);
    tell(name, parameter.value);
    return parameter;
  };

  const remove = (name: string): boolean => {
    const isKnown = parameters.delete(name);
    if (isKnown) tell(name, undefined);
    return isKnown;
  };

  const sorted = (): Parameter[] =>
    [...parameters.values()].sort((left, right) => (left.name < right.name ? -1 : 1));

  const getByPath = (input: Json): Json => {
    const path = String(input.Path ?? "");
    if (!path.startsWith("/"))
      throw new AwsError("ValidationException", `The parameter path: ${path} is not valid.`);
    const folder = path.endsWith("/") ? path : `${path}/`;
    const found = sorted().filter(({ name }) => {
      const rest = name.startsWith(folder) ? name.slice(folder.length) : undefined;
      return rest !== undefined && (input.Recursive === true || !rest.includes("/"));
    });
    const { page, token } = pageOf(found, input);
    return { Parameters: page.map((one) => shapeOf(one, input.WithDecryption === true)), ...token };
  };

  const describe = (input: Json): Json => {
    const found = sorted().filter((one) => matchesFilters(one, input.ParameterFilters ?? []));
    const { page, token } = pageOf(found, input);
    const described = page.map((one) => {
      const { Value: _, ...shape } = shapeOf(one, false);
      return {
        ...shape,
        ...(one.description !== undefined && { Description: one.description }),
        Tier: "Standard",
      };
    });
    return { Parameters: described, ...token };
  };

  const named = (input: Json): string[] => {
    const names: string[] = input.Names ?? [];
    if (names.length > MAX_NAMES)
      throw new AwsError("ValidationException", `Member must have length less than or equal to ${MAX_NAMES}`);
    return names;
  };

  const getMany = (input: Json): Json => {
    const names = named(input);
    const found = names.map(find).filter((one) => one !== undefined);
    return {
      Parameters: found.map((one) => shapeOf(one, input.WithDecryption === true)),
      InvalidParameters: names.filter((name) => find(name) === undefined),
    };
  };

  const operation = (
    name: string,
    resources: (input: Json) => readonly string[],
    run: (input: Json) => Json,
  ): Record<string, Operation> => ({
    [name]: {
      needs: (input) => resources(input).map((resource) => ({ action: `ssm:${name}`, resource })),
      run,
    },
  });
  const onOne = (input: Json): string[] => [
    arnOf(String(input.Name).replace(prefix, "").split(":")[0] ?? ""),
  ];
  const onNames = (input: Json): string[] => (input.Names ?? []).map(arnOf);

  return {
    get: (name) => parameters.get(name)?.value,
    onChange: (listener) => {
      listeners.push(listener);
    },
    service: {
      name: "ssm",
      signingName: "ssm",
      protocol: "json-1.1",
      targetPrefix: "AmazonSSM",
      operations: {
        ...operation("PutParameter", onOne, (input) => ({ Version: put(input).version, Tier: "Standard" })),
        ...operation("GetParameter", onOne, (input) => ({
          Parameter: shapeOf(get(String(input.Name)), input.WithDecryption === true),
        })),
        ...operation("GetParameters", onNames, getMany),
        ...operation("GetParametersByPath", (input) => [arnOf(String(input.Path))], getByPath),
        ...operation("DescribeParameters", () => ["*"], describe),
        ...operation("DeleteParameter", onOne, (input) => {
          if (!remove(String(input.Name))) throw new AwsError("ParameterNotFound", "");
          return {};
        }),
        ...operation("DeleteParameters", onNames, (input) => {
          const names = named(input);
          const DeletedParameters = names.filter(remove);
          return {
            DeletedParameters,
            InvalidParameters: names.filter((name) => !DeletedParameters.includes(name)),
          };
        }),
      },
      resources: {
        "AWS::SSM::Parameter": (properties, context) => {
          const { name, type, value } = put({ Name: physicalName(context), ...properties, Overwrite: true });
          return { ref: name, attributes: { Type: type, Value: value } };
        },
      },
    },
  };
};
