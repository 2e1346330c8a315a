/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

/**
 * Runs in the page. Texts are compared as the rectangles in which their letters stand, turned where
 * they are turned.
 * @returns pairs of texts of one chart that overlap, and texts that reach out of their chart
 */
export function collidingTexts(): string[] {
  type Point = { readonly x: number; readonly y: number };
  const cornersOf = (text: SVGTextElement): Point[] => {
    const box = text.getBBox();
    const matrix = text.getScreenCTM()!;
    // The box is as high as the font allows letters to be.
    const [top, bottom] = [box.y + box.height * 0.2, box.y + box.height * 0.8];
    return [
      [box.x + 0.5, top],
      [box.x + box.width - 0.5, top],
      [box.x + box.width - 0.5, bottom],
      [box.x + 0.5, bottom],
    ].map(([x, y]) => new DOMPoint(x, y).matrixTransform(matrix));
  };
  /** Whether some side of one has all of the other beyond it. */
  const areApart = (one: Point[], other: Point[]) =>
    one.some((from, at) => {
      const to = one[(at + 1) % one.length]!;
      const across = (p: Point) =>
        (to.x - from.x) * (p.y - from.y) - (to.y - from.y) * (p.x - from.x);
      return other.every((p) => across(p) <= 0);
    });
  const found: string[] = [];
  for (const svg of document.querySelectorAll<SVGSVGElement>('.chart svg')) {
    const name = svg.closest('figure')!.id;
    const edge = svg.getBoundingClientRect();
    const texts = [...svg.querySelectorAll('text')]
      .filter((text) => text.textContent !== '' && getComputedStyle(text).opacity !== '0')
      // What keeps a label apart from a rule is a copy of the label, drawn before it.
      .filter((text) => text.getAttribute('stroke') === null)
      .map((text) => ({ text: text.textContent!, corners: cornersOf(text) }));
    for (const [at, one] of texts.entries()) {
      if (
        one.corners.some(
          ({ x, y }) =>
            x < edge.left - 1 || x > edge.right + 1 || y < edge.top - 1 || y > edge.bottom + 1,
        )
      ) {
        found.push(`${name}: ${one.text} reaches out`);
      }
      for (const other of texts.slice(at + 1)) {
        if (!areApart(one.corners, other.corners) && !areApart(other.corners, one.corners)) {
          found.push(`${name}: ${one.text} over ${other.text}`);
        }
      }
    }
  }
  return found;
}

/**
 * Runs in the page. @returns the colours in which each state is drawn, over all charts with bars of
 * states
 */
export function stateColours(): Record<string, string[]> {
  const colours: Record<string, string[]> = {};
  for (const bar of document.querySelectorAll(
    'figure:is([id^=pipe-states], [id^=cause-and-effect]) path[aria-label]',
  )) {
    const state = /: ([\w|]+(?: states)?) (?:[<>] )?[\d.]+ %$/.exec(
      bar.getAttribute('aria-label')!,
    )?.[1];
    if (state === undefined) continue;
    const { fill } = getComputedStyle(bar);
    colours[state] ??= [];
    if (!colours[state].includes(fill)) colours[state].push(fill);
  }
  return colours;
}

/** Runs in the page. @returns texts of charts, outside of areas, that stand out too little */
export function faintChartTexts(): string[] {
  const luminance = (colour: string) => {
    const [r, g, b] = (colour.match(/[\d.]+/g) ?? []).map((channel) => {
      const part = Number(channel) / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
  };
  const faint = new Set<string>();
  for (const text of document.querySelectorAll(
    '.chart :is([class*=role-axis], [class*=role-legend], [class*=role-title], [class*=header]) text',
  )) {
    const paper = luminance(getComputedStyle(text.closest('.chart')!).backgroundColor);
    const ink = luminance(getComputedStyle(text).fill);
    const contrast = (Math.max(paper, ink) + 0.05) / (Math.min(paper, ink) + 0.05);
    if (contrast < 4.5) faint.add(`${text.textContent} ${contrast.toFixed(1)}`);
  }
  return [...faint];
}
