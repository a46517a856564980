import { randomBytes } from 'node:crypto';

export interface PanelPage {
  readonly title: string;
  /** BCP 47 tag of the editor's language. */
  readonly language: string;
  /** Addresses the webview can load, and the source they come from (`webview.cspSource`). */
  readonly script: string;
  readonly style: string;
  readonly cspSource: string;
}

/**
 * The page of the panel. It holds no data: the script asks for that. Nothing may run but the one
 * script that carries the nonce, and nothing may be loaded from anywhere but the extension.
 */
export function panelHtml({ title, language, script, style, cspSource }: PanelPage): string {
  const nonce = randomBytes(18).toString('base64');
  const policy = [
    `default-src 'none'`,
    `script-src 'nonce-${nonce}'`,
    `style-src ${cspSource}`,
    `img-src ${cspSource}`,
    `base-uri 'none'`,
    `form-action 'none'`,
  ].join('; ');
  return `<!doctype html>
<html lang="${escape(language)}">
  <head>
    <meta charset="utf-8" />
    <meta http-equiv="Content-Security-Policy" content="${escape(policy)}" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>${escape(title)}</title>
    <link rel="stylesheet" href="${escape(style)}" />
  </head>
  <body>
    <div id="root"></div>
    <script nonce="${nonce}" src="${escape(script)}"></script>
  </body>
</html>
`;
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('"', '&quot;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}
