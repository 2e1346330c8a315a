/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

/** Runs in the page. @returns texts that stand out too little from what is behind them */
export function faintTexts(): string[] {
  const channels = (colour: string) => (colour.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = (colour: string) => {
    const [r, g, b] = channels(colour).map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
  };
  const behind = (element: Element | null): string => {
    if (!element) return 'rgb(255, 255, 255)';
    const colour = getComputedStyle(element).backgroundColor;
    return (channels(colour)[3] ?? 1) > 0 ? colour : behind(element.parentElement);
  };
  const faint = new Set<string>();
  for (const element of document.querySelectorAll('body *:not(svg *, svg, script, [hidden])')) {
    const own = [...element.childNodes].some(
      (node) => node.nodeType === Node.TEXT_NODE && node.textContent!.trim() !== '',
    );
    if (!own) continue;
    const { color } = getComputedStyle(element);
    const [a, b] = [luminance(color), luminance(behind(element))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < 4.5) faint.add(`${element.tagName} ${color} ${contrast.toFixed(1)}`);
  }
  return [...faint];
}
