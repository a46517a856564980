import type { MemoryPart } from '../store';
import type { ThemeKind } from '../../src/core/report/sizeColours';

/** The theme's colours as a canvas needs them: resolved, never `var(…)`. */
export interface ChartTheme {
  readonly kind: ThemeKind;
  readonly foreground: string;
  readonly muted: string;
  readonly grid: string;
  readonly background: string;
  readonly tooltipBackground: string;
  readonly tooltipForeground: string;
  readonly tooltipBorder: string;
  readonly focus: string;
  readonly danger: string;
  readonly accent: string;
  readonly parts: Record<MemoryPart, string>;
  readonly fontFamily: string;
  readonly fontSize: number;
  /** Any CSS colour as one that Chart.js can parse. */
  readonly resolve: (colour: string) => string;
}

/** Reads the theme from the page; call again when it changes. */
export function readTheme(document: Document): ChartTheme {
  const style = document.defaultView?.getComputedStyle(document.body);
  const resolve = colourResolver(document);
  const token = (name: string, fallback: string) => {
    const value = style?.getPropertyValue(`--vscode-${name}`).trim();
    return resolve(value === undefined || value === '' ? fallback : value);
  };
  const kind = themeKind(document.body);
  const contrast = kind === 'highContrast' || kind === 'highContrastLight';
  const foreground = token('foreground', style?.color ?? '#808080');
  const mixed = (colour: string, share: number) =>
    resolve(`color-mix(in srgb, ${colour} ${share}%, transparent)`);
  return {
    kind,
    foreground,
    muted: contrast ? foreground : token('descriptionForeground', foreground),
    grid: mixed(foreground, contrast ? 35 : 10),
    background: token('editor-background', '#808080'),
    tooltipBackground: token('editorHoverWidget-background', '#252526'),
    tooltipForeground: token('editorHoverWidget-foreground', foreground),
    tooltipBorder: token('editorHoverWidget-border', token('contrastBorder', foreground)),
    focus: token('focusBorder', foreground),
    danger: token('charts-red', '#f14c4c'),
    accent: token('charts-blue', '#3794ff'),
    parts: {
      data: mixed(foreground, contrast ? 60 : 32),
      parameters: token('charts-purple', '#b180d7'),
      optimizer: token('charts-yellow', '#cca700'),
      gradients: token('charts-green', '#89d185'),
      activations: token('charts-blue', '#3794ff'),
    },
    fontFamily: token0(style, '--vscode-font-family', 'sans-serif'),
    fontSize: Math.max(10, Number.parseFloat(token0(style, '--vscode-font-size', '13')) - 2),
    resolve,
  };
}

/** VS Code marks the body of a webview with the kind of its theme. */
function themeKind(body: HTMLElement): ThemeKind {
  if (body.classList.contains('vscode-high-contrast-light')) return 'highContrastLight';
  if (body.classList.contains('vscode-high-contrast')) return 'highContrast';
  return body.classList.contains('vscode-light') ? 'light' : 'dark';
}

/** Calls back when VS Code switches the theme, which it does by attributes of html and body. */
export function onThemeChange(document: Document, changed: () => void): () => void {
  const observer = new MutationObserver(changed);
  const options = { attributes: true, attributeFilter: ['class', 'style', 'data-vscode-theme-id'] };
  observer.observe(document.body, options);
  observer.observe(document.documentElement, options);
  return () => {
    observer.disconnect();
  };
}

function token0(style: CSSStyleDeclaration | undefined, name: string, fallback: string): string {
  const value = style?.getPropertyValue(name).trim();
  return value === undefined || value === '' ? fallback : value;
}

/** Lets the browser compute any CSS colour: oklch() and color-mix() are beyond Chart.js's parser. */
function colourResolver(document: Document): (colour: string) => string {
  const canvas = document.createElement('canvas');
  canvas.width = 1;
  canvas.height = 1;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  const known = new Map<string, string>();
  return (colour) => {
    const cached = known.get(colour);
    if (cached !== undefined || !context) return cached ?? colour;
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    const [red = 0, green = 0, blue = 0, alpha = 255] = context.getImageData(0, 0, 1, 1).data;
    const resolved = `rgba(${red}, ${green}, ${blue}, ${(alpha / 255).toFixed(3)})`;
    known.set(colour, resolved);
    return resolved;
  };
}
