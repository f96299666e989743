/** The benchmark as one SVG: false rollbacks (log scale) against bad versions caught. Up and left is better. */
import type { Line } from "./summary.ts";

const WIDTH = 980;
const HEIGHT = 620;
const LEFT = 70;
const RIGHT = 330;
const TOP = 50;
const BOTTOM = 60;
/** The axis starts here: fewer false rollbacks than one in ten thousand are drawn at the edge. */
const RATE_LEAST = 1e-4;
const OURS_COLOUR = "#0b6e4f";
const RIVAL_COLOUR = "#8a4b08";

const x = (rate: number): number =>
  LEFT + ((Math.log10(Math.max(rate, RATE_LEAST)) + 4) / 4) * (WIDTH - LEFT - RIGHT);
const y = (power: number): number => HEIGHT - BOTTOM - Math.min(1, power) * (HEIGHT - TOP - BOTTOM);

const text = (atX: number, atY: number, content: string, extra = ""): string =>
  `<text x="${atX.toFixed(1)}" y="${atY.toFixed(1)}" ${extra}>${content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")}</text>`;

const gridLines = (): string[] => [
  ...[1e-4, 1e-3, 1e-2, 1e-1, 1].map((rate) => {
    const at = x(rate).toFixed(1);
    return `<line x1="${at}" y1="${TOP}" x2="${at}" y2="${HEIGHT - BOTTOM}" stroke="#ddd"/>${text(x(rate), HEIGHT - BOTTOM + 18, `${rate * 100} %`, 'text-anchor="middle"')}`;
  }),
  ...[0, 0.25, 0.5, 0.75, 1].map((power) => {
    const at = y(power).toFixed(1);
    return `<line x1="${LEFT}" y1="${at}" x2="${WIDTH - RIGHT}" y2="${at}" stroke="#ddd"/>${text(LEFT - 8, y(power) + 4, `${power}`, 'text-anchor="end"')}`;
  }),
];

const point = (line: Line, at: number): string => {
  const colour = line.judge.startsWith("Bellwether") ? OURS_COLOUR : RIVAL_COLOUR;
  const [cx, cy] = [x(line.worstFamilyRate), y(line.power)];
  const label = `${at + 1}  ${line.judge} (+${line.delayMinutes.toFixed(1)} min)`;
  return [
    `<circle cx="${cx.toFixed(1)}" cy="${cy.toFixed(1)}" r="6" fill="${colour}"/>`,
    text(cx + 9, cy + 4, `${at + 1}`, `fill="${colour}" font-weight="bold"`),
    text(WIDTH - RIGHT + 20, TOP + 12 + at * 22, label, `fill="${colour}"`),
  ].join("");
};

/** `lines` without the limit, which is at 1 by definition. */
export const chartOf = (lines: readonly Line[], title: string): string =>
  [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>`,
    text(LEFT, 28, title, 'font-size="16" font-weight="bold"'),
    ...gridLines(),
    text(LEFT, HEIGHT - 16, "false rollbacks of the same version, worst family (log scale)"),
    text(LEFT - 50, TOP - 8, "bad versions caught, share of what an all-knowing test catches"),
    ...lines.map(point),
    "</svg>",
    "",
  ].join("\n");
