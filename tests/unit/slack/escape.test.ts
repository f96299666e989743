import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { escaped, plain } from "../../../lib/slack/escape.ts";

const CORPUS: readonly string[] = [
  "<!channel> wake up",
  "<!here|here>",
  "<!everyone>",
  "<!subteam^S123>",
  "<@U123ABC>",
  "<#C123|general>",
  "<https://evil.example|click>",
  "<script>alert(1)</script>",
  '"><img src=x onerror=alert(1)>',
  "&lt;!channel&gt;",
  "&amp;lt;!channel&amp;gt;",
  "@channel @here @everyone @HERE @group",
  "```code``` `x` *bold* ~gone~",
  "safe\u202e gnp.exe",
  "zero\u200bwidth\u2060\ufeff",
  "line\nbreak\r\nand\u2028separators\u2029and\ttabs",
  "\u001b[31mred\u001b[0m \u0000nul \u0007bell",
  "\u{e0001}\u{e0041}tags",
  "\ud800 lone",
  "<\u200b!channel>",
  "javascript:alert(1)",
  "mailto:a@here.com",
];

/** What Slack reads as markup: a tag, a call to the channel, code, bold; or what people cannot see. */
const isInert = (text: string): boolean =>
  !/[<>`*]/.test(text) &&
  !/&(?!amp;|lt;|gt;)/.test(text) &&
  !/@(channel|here|everyone|group)\b/i.test(text) &&
  !/[\p{Cc}\p{Co}\p{Cs}]/u.test(text.replaceAll("\u200b", "")) &&
  !/[\u202a-\u202e\u2066-\u2069\u2028\u2029\ufeff]/.test(text);

describe("text from outside in a Slack message", () => {
  it.each(CORPUS)("can do nothing: %j", (text) => {
    expect(isInert(escaped(text, 3_000))).toBe(true);
  });

  it("reads as it was written", () => {
    expect(escaped("Threshold Crossed: 1 > 0 & 2 < 3", 100)).toBe(
      "Threshold Crossed: 1 &gt; 0 &amp; 2 &lt; 3",
    );
    expect(escaped("my_function_name is größer \u{1f525}", 100)).toBe("my_function_name is größer \u{1f525}");
  });

  it("can do nothing and fits, whatever it is", () => {
    const nasty = fc.array(fc.oneof(fc.constantFrom(...CORPUS), fc.string({ unit: "binary" })), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(nasty, fc.integer({ min: 1, max: 200 }), (parts, max) => {
        const text = escaped(parts.join(""), max);
        expect(text.length).toBeLessThanOrEqual(max);
        expect(isInert(text)).toBe(true);
        expect(text.isWellFormed()).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it("is cut between characters, never inside one or inside an entity", () => {
    expect(escaped("ab&cd", 6)).toBe("ab\u2026");
    expect(escaped("ab&cd", 8)).toBe("ab&amp;\u2026");
    expect(escaped("ab&cd", 9)).toBe("ab&amp;cd");
    expect(plain("\u{1f525}\u{1f525}\u{1f525}", 5)).toBe("\u{1f525}\u{1f525}\u2026");
  });
});
