/** Where a deployment's trail stands: how many lines it has. */
export type TrailState = { deployment: string; requested: string; lines: number };

/** Which trails there are. A list that may lag: it only says where to look. */
export type Trails = {
  /** Of the deployments requested since, and of those somebody still has to look at. */
  since(at: number): Promise<readonly TrailState[]>;
};
