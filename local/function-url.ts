/** What passes between the server and a function that has a URL. */

/** `path` starts with a slash, `query` has no question mark; header names are in lower case. */
export type UrlRequest = {
  method: string;
  path: string;
  query: string;
  headers: Readonly<Record<string, string>>;
  body: string;
};

export type UrlAnswer = { status: number; headers: Record<string, string>; body: string };
